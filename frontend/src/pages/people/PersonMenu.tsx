import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconLogout, IconUserMinus } from "@tabler/icons-react";
import { answer, api } from "@/api/client";
import { showDone, showProblem } from "@/parts/toasts";
import type { Person } from "./PeoplePage";

interface Props {
  person: Person;
  isSelf: boolean;
  onRemove: () => void;
}

/** What can be done to a person, but for the role. */
export function PersonMenu({ person, isSelf, onRemove }: Props) {
  const name = person.name || person.email;
  const signOut = async () => {
    try {
      await answer(
        api.POST("/api/v1/people/{person_id}/sign-out", {
          params: { path: { person_id: person.person_id } },
        }),
      );
      showDone(`${name} is signed out everywhere`);
    } catch (error) {
      showProblem(error);
    }
  };
  return (
    <Menu position="bottom-end" shadow="md" radius="lg">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={`Actions on ${name}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={signOut}
          disabled={person.invited}
        >
          Sign out everywhere
        </Menu.Item>
        <Menu.Item
          leftSection={<IconUserMinus size={16} aria-hidden />}
          onClick={onRemove}
          disabled={isSelf || person.named_in_settings}
        >
          {person.invited ? "Take back the invitation" : "Remove"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
