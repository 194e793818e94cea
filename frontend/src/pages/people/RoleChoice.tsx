import { Select, Text, Tooltip } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { showDone, showProblem } from "@/parts/toasts";
import { ROLES } from "@/words/labels";
import type { Person } from "./PeoplePage";

export const PERSONAL_ROLES = ["viewer", "marketer", "admin"] as const;

export type PersonalRole = (typeof PERSONAL_ROLES)[number];

interface Props {
  person: Person;
  /** It is oneself, who cannot lock oneself out. */
  fixed: boolean;
  onChanged: () => void;
}

/** The role, to change where that is allowed. */
export function RoleChoice({ person, fixed, onChanged }: Props) {
  const changing = useMutation({
    mutationFn: (role: PersonalRole) =>
      answer(
        api.PATCH("/api/v1/people/{person_id}", {
          params: { path: { person_id: person.person_id } },
          body: { role },
        }),
      ),
    onSuccess: ({ role }) => {
      showDone(`${person.name || person.email}: ${ROLES[role].toLowerCase()} from now on`);
      onChanged();
    },
    onError: showProblem,
  });
  if (fixed || person.named_in_settings) {
    const why = fixed ? "Nobody changes their own role" : "Named as an admin in the settings";
    return (
      <Tooltip label={why}>
        <Text size="md">{ROLES[person.role]}</Text>
      </Tooltip>
    );
  }
  return (
    <Select
      size="xs"
      w={116}
      aria-label={`Role of ${person.name || person.email}`}
      data={PERSONAL_ROLES.map((role) => ({ value: role, label: ROLES[role] }))}
      value={changing.variables && changing.isPending ? changing.variables : person.role}
      onChange={(role) => role && role !== person.role && changing.mutate(role as PersonalRole)}
      disabled={changing.isPending}
      allowDeselect={false}
      comboboxProps={{ withinPortal: true }}
    />
  );
}
