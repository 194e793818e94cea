import {
  ActionIcon,
  Anchor,
  Card,
  Group,
  Progress,
  Skeleton,
  Stack,
  Text,
  Title,
  Tooltip,
} from "@mantine/core";
import { IconHelpCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { rowLink } from "@/parts/DataTable";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { Money } from "@/parts/Words";
import type { Picked } from "@/rules/CustomerPicker";
import type { PreviewState } from "@/rules/preview";
import { RuleInWords } from "@/rules/RuleInWords";
import { hasConditions } from "@/rules/rule";
import { countQuery } from "@/rules/segments";
import { count, percent } from "@/words/numbers";
import classes from "./segments.module.css";

interface Props {
  state: PreviewState;
  onWhy: (customer: Picked) => void;
}

/** Who matches the rule now: how many, in words, and some of them. */
export function AudienceCard({ state, onWhy }: Props) {
  const { preview, error, stale, rule } = state;
  return (
    <Card>
      <Stack gap="md">
        <div className={classes.following} data-stale={(stale && preview !== undefined) || undefined}>
          <Matching preview={preview} failed={error !== null} />
        </div>
        <ProblemAlert error={error} retry={state.retry} />
        {preview && !error && (
          <>
            <RuleInWords words={preview.words} />
            <Sample people={preview.sample} onWhy={hasConditions(rule) ? onWhy : null} />
            <Group justify="space-between" gap="xs">
              {preview.count > 0 ? (
                <Anchor
                  size="sm"
                  renderRoot={(props) => (
                    <Link {...props} to="/customers" search={hasConditions(rule) ? { rules: rule } : {}} />
                  )}
                >
                  Show all {count(preview.count)}
                </Anchor>
              ) : (
                <span />
              )}
              <Text size="xs" c="dimmed" className="num">
                counted in {Math.max(1, Math.round(preview.took_ms))} ms
              </Text>
            </Group>
          </>
        )}
      </Stack>
    </Card>
  );
}

const EVERYONE = { combinator: "and", rules: [] };

function Matching({ preview, failed }: { preview: Schemas["ShownPreview"] | undefined; failed: boolean }) {
  const everyone = useQuery(countQuery(EVERYONE)).data;
  const share = preview && everyone ? (preview.count / everyone) * 100 : null;
  return (
    <Stack gap={6}>
      <Title order={2}>Who matches</Title>
      {preview && !failed && (
        <>
          <div aria-live="polite" aria-atomic>
            <span className={`${classes.count} num`}>{count(preview.count)}</span>{" "}
            <Text span c="dimmed">
              {preview.count === 1 ? "customer" : "customers"}
            </Text>
          </div>
          <Progress value={share ?? 0} size={6} aria-label="Share of all customers" />
          <Text size="sm" c="dimmed" className="num">
            {share === null ? " " : `${percent(share, share < 10 ? 1 : 0)} of all ${count(everyone ?? 0)}`}
          </Text>
        </>
      )}
      {!preview && !failed && <Skeleton h={72} />}
    </Stack>
  );
}

function Sample({
  people,
  onWhy,
}: {
  people: Schemas["ShownProfile"][];
  onWhy: ((customer: Picked) => void) | null;
}) {
  if (people.length === 0) return <Text c="dimmed">Nobody matches now.</Text>;
  return (
    <ul className={classes.people} aria-label="Some of them">
      {people.map((person) => (
        <li key={person.customer_id} className={classes.person}>
          <div style={{ flex: 1, minWidth: 0 }}>
            <Link
              to="/customers/$customerId"
              params={{ customerId: person.customer_id }}
              className={`${rowLink} ${classes.personName}`}
            >
              {person.name}
            </Link>
            <Text size="xs" c="dimmed" className="clip">
              {person.email}
            </Text>
          </div>
          <Text size="sm" className="num">
            <Money value={person.total_spend} />
          </Text>
          {onWhy && (
            <Tooltip label="Why?">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Why does ${person.name} match?`}
                onClick={() => onWhy(person)}
                style={{ position: "relative", zIndex: 1 }}
              >
                <IconHelpCircle size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
        </li>
      ))}
    </ul>
  );
}
