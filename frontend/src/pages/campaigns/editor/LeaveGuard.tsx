import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";

interface Props {
  /** Whether something would be lost; tries to save it first where that can be done. */
  wouldLose: () => boolean | Promise<boolean>;
  /** The same for a tab that is closed, where there is no time to save. */
  unsaved: () => boolean;
  text: string;
}

/** Asks before unsaved work is left behind. */
export function LeaveGuard({ wouldLose, unsaved, text }: Props) {
  const blocker = useBlocker({
    shouldBlockFn: async ({ current, next }) => current.pathname !== next.pathname && (await wouldLose()),
    enableBeforeUnload: unsaved,
    withResolver: true,
  });
  const stay = () => blocker.reset?.();
  return (
    <Modal opened={blocker.status === "blocked"} onClose={stay} title="Leave without saving?" size="sm">
      <Text size="md" c="dimmed">
        {text}
      </Text>
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={() => blocker.proceed?.()}>
          Leave
        </Button>
        <Button onClick={stay} data-autofocus>
          Keep editing
        </Button>
      </Group>
    </Modal>
  );
}
