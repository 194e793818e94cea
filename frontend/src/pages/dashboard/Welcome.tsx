import {
  Anchor,
  Button,
  Card,
  Center,
  Group,
  List,
  Progress,
  Stack,
  Text,
  ThemeIcon,
  Title,
} from "@mantine/core";
import { IconDatabaseImport, IconFilter, IconSend } from "@tabler/icons-react";
import { useCan, useInstallation } from "@/api/session";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { count } from "@/words/numbers";
import type { SampleLoading } from "./sampleData";

const STEPS = [
  {
    icon: IconDatabaseImport,
    title: "Customers and orders come in",
    text: "From your shop, or the sample data.",
  },
  {
    icon: IconFilter,
    title: "You describe an audience",
    text: "By what people bought, when, and who they are.",
  },
  { icon: IconSend, title: "You send, and watch", text: "Delivery and revenue show as they happen." },
];

/** What the dashboard is before there is anything to show. */
export function Welcome({ sample }: { sample: SampleLoading }) {
  const { name } = useInstallation();
  const mayLoad = useCan("marketer");
  return (
    <>
      <PageHeader
        title={`Welcome to ${name}`}
        tabTitle="Dashboard"
        description="Nothing is here yet. This is how it works:"
      />
      <Card padding="xl" maw={720}>
        <Stack gap="lg">
          <List spacing="md" listStyleType="none">
            {STEPS.map((step) => (
              <List.Item
                key={step.title}
                icon={
                  <ThemeIcon size={36} radius="xl" variant="light" aria-hidden>
                    <step.icon size={18} stroke={1.7} />
                  </ThemeIcon>
                }
              >
                <Title order={3}>{step.title}</Title>
                <Text c="dimmed">{step.text}</Text>
              </List.Item>
            ))}
          </List>
          {mayLoad ? (
            <Loading sample={sample} />
          ) : (
            <Text c="dimmed">Somebody who may send campaigns can load sample data here.</Text>
          )}
        </Stack>
      </Card>
    </>
  );
}

function Loading({ sample }: { sample: SampleLoading }) {
  if (sample.state === "running" || sample.state === "done") return <Following sample={sample} />;
  return (
    <Stack gap="sm">
      <ProblemAlert error={sample.error} />
      <Group gap="md">
        <Button size="md" onClick={sample.start} loading={sample.state === "asked"}>
          Load sample data
        </Button>
        <Anchor href="/api/docs" size="sm">
          Or send your own with the API
        </Anchor>
      </Group>
      <Text size="sm" c="dimmed">
        2,000 made-up customers with some 7,000 orders. All addresses end in .example, so nobody gets a
        message.
      </Text>
    </Stack>
  );
}

function Following({ sample }: { sample: SampleLoading }) {
  const share = sample.rows === 0 ? 0 : (sample.applied / sample.rows) * 100;
  const done = sample.state === "done";
  return (
    <Stack gap={6}>
      <Progress value={share} size="lg" animated={!done} aria-label="Loading sample data" />
      <Center>
        <Text size="sm" c="dimmed" aria-live="polite" className="num">
          {done
            ? "Loaded. The numbers appear in a moment."
            : `${count(sample.applied)} of ${count(sample.rows)} customers and orders`}
        </Text>
      </Center>
      <ProblemAlert error={sample.error} />
    </Stack>
  );
}
