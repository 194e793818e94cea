import { Button, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { Problem } from "@/api/problem";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showDone } from "@/parts/toasts";
import { ROLE_MEANING, ROLES } from "@/words/labels";
import { PERSONAL_ROLES, type PersonalRole } from "./RoleChoice";

interface Props {
  opened: boolean;
  onClose: () => void;
  onInvited: () => void;
}

/** Lets somebody in by their address. */
export function Invite({ opened, onClose, onInvited }: Props) {
  const form = useForm({
    initialValues: { email: "", role: "viewer" as PersonalRole },
    validate: {
      email: (email) => (/^\S+@\S+\.\S+$/.test(email.trim()) ? null : "An e-mail address is needed"),
    },
  });
  const inviting = useMutation({
    mutationFn: (body: { email: string; role: PersonalRole }) => answer(api.POST("/api/v1/people", { body })),
    onSuccess: ({ email }) => {
      showDone(`${email} may sign in now`);
      onInvited();
      close();
    },
    onError: (error) => error instanceof Problem && form.setErrors(error.byField),
  });
  const close = () => {
    onClose();
    form.reset();
    inviting.reset();
  };
  return (
    <Modal opened={opened} onClose={close} title="Invite a person">
      <form onSubmit={form.onSubmit((values) => inviting.mutate({ ...values, email: values.email.trim() }))}>
        <Stack gap="md">
          <TextInput
            label="E-mail address"
            description="The one they sign in with"
            placeholder="name@company.com"
            type="email"
            autoComplete="off"
            data-autofocus
            {...form.getInputProps("email")}
          />
          <Radio.Group label="Role" {...form.getInputProps("role")}>
            <Stack gap="xs" mt={6}>
              {PERSONAL_ROLES.map((role) => (
                <Radio key={role} value={role} label={ROLES[role]} description={ROLE_MEANING[role]} />
              ))}
            </Stack>
          </Radio.Group>
          <Text size="sm" c="dimmed">
            Nothing is sent to them: tell them the address of this page.
          </Text>
          <ProblemAlert error={inviting.error} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={inviting.isPending}>
              Invite
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
