import { Alert, Button, Group, List, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { asProblem } from "@/api/problem";
import classes from "./ProblemAlert.module.css";

interface Props {
  error: unknown;
  /** Shown as a button when there is something to try again. */
  retry?: () => void;
}

/** Asking again would be answered alike. */
const FOR_GOOD = new Set([400, 403, 404, 409, 422]);

/** An error in words, with the fields it is about. Nothing without an error. */
export function ProblemAlert({ error, retry }: Props) {
  if (error === null || error === undefined) return null;
  const problem = asProblem(error);
  return (
    <Alert
      color="red"
      icon={<IconAlertCircle aria-hidden />}
      title={problem.title}
      radius="lg"
      role="alert"
      classNames={classes}
    >
      <Group justify="space-between" align="center" gap="sm">
        <div>
          <Text size="md">{problem.detail}</Text>
          {problem.fields.length > 0 && (
            <List size="md" mt={4}>
              {problem.fields.map(({ field, message }) => (
                <List.Item key={`${field} ${message}`}>
                  <b>{field}</b>: {message}
                </List.Item>
              ))}
            </List>
          )}
        </div>
        {retry && !FOR_GOOD.has(problem.status) && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}
