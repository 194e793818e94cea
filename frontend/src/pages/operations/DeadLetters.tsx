import { Card, Group, SegmentedControl, Text, Title } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { keys } from "@/api/keys";
import { ConfirmButton } from "@/parts/ConfirmButton";
import { type Column, DataTable, rowLink } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { showDone } from "@/parts/toasts";
import { useKeyset } from "@/parts/useKeyset";
import { useUndoableDelete } from "@/parts/useUndoableDelete";
import { RelativeTime } from "@/parts/Words";
import { plural } from "@/words/numbers";
import { LETTERS, type Letter, lettersKey } from "./deadLetters";
import { LetterDialog } from "./LetterDialog";
import { queueName } from "./queues";
import type { Service } from "./routes";

const route = getRouteApi("/shell/operations");

/** What could not be applied: to look at, to try again, or to give up. */
export function DeadLetters() {
  const of = route.useSearch({ select: (search) => search.of }) ?? "ingestion";
  const navigate = route.useNavigate();
  return (
    <Card padding="md" component="section" aria-label="What is set aside">
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2}>Set aside</Title>
          <Text size="sm" c="dimmed">
            What could not be applied waits here until somebody decides.
          </Text>
        </div>
        <SegmentedControl
          size="xs"
          aria-label="Of which part"
          data={[
            { value: "ingestion", label: "Ingestion" },
            { value: "campaigns", label: "Campaigns" },
          ]}
          value={of}
          onChange={(value) =>
            navigate({ search: value === "campaigns" ? { of: "campaigns" } : {}, replace: true })
          }
        />
      </Group>
      <Letters key={of} of={of} />
    </Card>
  );
}

function Letters({ of }: { of: Service }) {
  const client = useQueryClient();
  const [opened, setOpened] = useState<Letter | null>(null);
  const list = useKeyset<Letter>(lettersKey(of), LETTERS[of].list);
  const changes = [lettersKey(of), keys.operations];
  const dropping = useUndoableDelete({ send: LETTERS[of].drop, changes, done: "given up" });
  const changed = () => Promise.all(changes.map((queryKey) => client.invalidateQueries({ queryKey })));
  const replay = async (letters: Letter[]) => {
    try {
      for (const letter of letters) await LETTERS[of].replay(letter.dead_letter_id);
      showDone(`${plural(letters.length, "event")} tried again`);
    } finally {
      await changed();
    }
  };
  const waiting = list.rows.filter(({ dead_letter_id }) => !dropping.hidden.has(dead_letter_id));
  return (
    <>
      {waiting.length > 1 && (
        <Group justify="flex-end" mb="xs">
          <ConfirmButton
            size="compact-sm"
            question={`Try ${plural(waiting.length, "event")} again?`}
            consequence="Each goes into its queue once more. What fails again comes back here."
            confirm="Try again"
            onConfirm={() => replay(waiting)}
          >
            Try all again
          </ConfirmButton>
        </Group>
      )}
      <DataTable
        label="Events set aside"
        columns={columns(setOpened)}
        list={list}
        rowKey={(letter) => letter.dead_letter_id}
        hidden={dropping.hidden}
        empty={
          <EmptyState
            icon={IconCircleCheck}
            title="Nothing is set aside"
            text="Everything could be applied."
          />
        }
      />
      <LetterDialog
        of={of}
        letter={opened}
        onClose={() => setOpened(null)}
        onReplay={(letter) => replay([letter])}
        onDrop={(letter) => dropping.remove(letter.dead_letter_id, "Event")}
      />
    </>
  );
}

function columns(open: (letter: Letter) => void): Column<Letter>[] {
  return [
    {
      key: "reason",
      header: "Why",
      width: "minmax(140px, 3fr)",
      cell: (letter) => (
        <button type="button" className={`${rowLink} bare clip`} onClick={() => open(letter)}>
          {letter.reason}
        </button>
      ),
    },
    { key: "type", header: "What", width: "minmax(120px, 1fr)", from: 620, cell: ({ type }) => type },
    {
      key: "queue",
      header: "Queue",
      width: "minmax(120px, 1fr)",
      from: 820,
      cell: ({ queue }) => queueName(queue),
    },
    {
      key: "failed",
      header: "When",
      width: "120px",
      cell: ({ failed_at }) => <RelativeTime time={failed_at} />,
    },
  ];
}
