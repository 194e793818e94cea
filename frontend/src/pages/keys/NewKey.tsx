import {
  ActionIcon,
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  Radio,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { Problem } from "@/api/problem";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { ROLE_MEANING, ROLES, type RoleName } from "@/words/labels";
import { type KeyForm, KeyLimits, newKeyOf } from "./KeyLimits";

const CHOICES: RoleName[] = ["ingest", "viewer", "marketer", "admin"];

interface Props {
  opened: boolean;
  onClose: () => void;
  onMade: () => void;
}

/** Asks for a name and a role, then shows the key this once. */
export function NewKey({ opened, onClose, onMade }: Props) {
  const form = useForm<KeyForm>({
    initialValues: { name: "", role: "ingest", agent: false, draft_only: false, daily_recipients: "" },
    validate: { name: (name) => (name.trim() ? null : "Say which program it is for") },
  });
  const making = useMutation({
    mutationFn: (values: KeyForm) => answer(api.POST("/api/v1/api-keys", { body: newKeyOf(values) })),
    onSuccess: onMade,
    onError: (error) => error instanceof Problem && form.setErrors(error.byField),
  });
  const close = () => {
    onClose();
    form.reset();
    making.reset();
  };
  const made = making.data;
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={made ? "Copy the key now" : "New key"}
      closeOnClickOutside={!made}
    >
      {made ? (
        <Made made={made} onClose={close} />
      ) : (
        <form onSubmit={form.onSubmit((values) => making.mutate(values))}>
          <Stack gap="md">
            <TextInput label="Name" placeholder="The shop" data-autofocus {...form.getInputProps("name")} />
            <Radio.Group label="Role" {...form.getInputProps("role")}>
              <Stack gap="xs" mt={6}>
                {CHOICES.map((role) => (
                  <Radio key={role} value={role} label={ROLES[role]} description={ROLE_MEANING[role]} />
                ))}
              </Stack>
            </Radio.Group>
            {form.values.role === "marketer" && <KeyLimits form={form} />}
            <ProblemAlert error={making.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={making.isPending}>
                Make key
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Made({ made, onClose }: { made: Schemas["MadeApiKey"]; onClose: () => void }) {
  return (
    <Stack gap="md">
      <Text>
        This is the key of “{made.name}”. It is not shown again: keep it where the program finds it, and
        nowhere else.
      </Text>
      <Group gap="xs" wrap="nowrap" align="start">
        <Code block flex={1} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {made.key}
        </Code>
        <CopyButton value={made.key} timeout={2_000}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy"}>
              <ActionIcon
                size={36}
                variant="default"
                onClick={copy}
                aria-label={copied ? "Copied" : "Copy the key"}
              >
                {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      </Group>
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
