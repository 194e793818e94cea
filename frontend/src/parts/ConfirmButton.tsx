import { Button, type ButtonProps, Group, Popover, Stack, Text } from "@mantine/core";
import { useId, useState } from "react";
import { showProblem } from "./toasts";

interface Props extends ButtonProps {
  /** What is asked: "Cancel this campaign?" */
  question: string;
  /** What will happen. */
  consequence?: string;
  /** The button that does it, named by what it does. */
  confirm: string;
  onConfirm: () => Promise<unknown> | unknown;
  danger?: boolean;
}

/** A button that asks before it does what cannot be taken back. */
export function ConfirmButton({
  question,
  consequence,
  confirm,
  onConfirm,
  danger,
  children,
  ...rest
}: Props) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const title = useId();
  const act = async () => {
    setBusy(true);
    try {
      await onConfirm();
      setOpen(false);
    } catch (error) {
      showProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Popover opened={open} onChange={setOpen} width={300} trapFocus position="bottom-end" withRoles>
      <Popover.Target>
        <Button variant="default" {...rest} onClick={() => setOpen(!open)}>
          {children}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-labelledby={title}>
        <Stack gap="xs">
          <Text fw={600} id={title}>
            {question}
          </Text>
          {consequence && (
            <Text size="sm" c="dimmed">
              {consequence}
            </Text>
          )}
          <Group gap="xs" justify="flex-end" mt={4}>
            <Button size="xs" variant="default" onClick={() => setOpen(false)}>
              Keep
            </Button>
            <Button
              size="xs"
              color={danger ? "red.9" : undefined}
              loading={busy}
              onClick={act}
              data-autofocus
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
