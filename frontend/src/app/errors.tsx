import { Button, Center, Loader, Stack, Text, Title } from "@mantine/core";
import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { asProblem } from "@/api/problem";

function Whole({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  return (
    <Center mih="60vh" p="lg">
      <Stack align="center" gap="sm" maw={420} ta="center">
        <Title order={1}>{title}</Title>
        <Text c="dimmed">{text}</Text>
        {children}
      </Stack>
    </Center>
  );
}

export function NotFound() {
  return (
    <Whole title="This page does not exist" text="The address may be old or mistyped.">
      <Button component={Link} to="/dashboard" variant="default">
        Go to the dashboard
      </Button>
    </Whole>
  );
}

/** Only for what nobody foresaw, and for a service that is away when the page opens. */
export function PageFailed({ error, reset }: ErrorComponentProps) {
  const problem = asProblem(error);
  const router = useRouter();
  const { reset: resetQueries } = useQueryErrorResetBoundary();
  const again = () => {
    resetQueries();
    reset();
    router.invalidate();
  };
  return (
    <Whole title={problem.title} text={problem.detail}>
      <Button onClick={again}>Try again</Button>
    </Whole>
  );
}

/** After a second in which neither the page nor an error came. */
export function Pending() {
  return (
    <Center mih="60vh" role="status">
      <Stack align="center" gap="sm">
        <Loader size="sm" />
        <Text c="dimmed">One moment…</Text>
      </Stack>
    </Center>
  );
}
