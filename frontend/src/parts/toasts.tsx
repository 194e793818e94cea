import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { asProblem } from "@/api/problem";

export function showDone(message: string): void {
  notifications.show({ message, color: "green", autoClose: 4_000, withBorder: true });
}

export function showProblem(error: unknown): void {
  const problem = asProblem(error);
  notifications.show({
    title: problem.title,
    message: problem.detail,
    color: "red",
    autoClose: 8_000,
    withBorder: true,
  });
}

/** A toast with a way back, as long as it is shown. */
export function showUndo(message: string, forMs: number, undo: () => void): void {
  const id = notifications.show({
    autoClose: forMs,
    withBorder: true,
    withCloseButton: false,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}
