import { Button, Code, Group, Modal, ScrollArea, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showProblem } from "@/parts/toasts";
import { ExactTime } from "@/parts/Words";
import { LETTERS, type Letter, lettersKey, type OpenedLetter } from "./deadLetters";
import type { Service } from "./routes";

interface Props {
  of: Service;
  letter: Letter | null;
  onClose: () => void;
  onReplay: (letter: Letter) => Promise<void>;
  onDrop: (letter: Letter) => void;
}

function held({ event, text, base64 }: OpenedLetter): string {
  return event ? JSON.stringify(event, null, 2) : (text ?? base64 ?? "");
}

/** One event that was set aside, with all that it holds. */
export function LetterDialog({ of, letter, onClose, onReplay, onDrop }: Props) {
  return (
    <Modal opened={letter !== null} onClose={onClose} title="Set aside" size="lg">
      {letter && <Opened of={of} letter={letter} onClose={onClose} onReplay={onReplay} onDrop={onDrop} />}
    </Modal>
  );
}

function Opened({ of, letter, onClose, onReplay, onDrop }: Props & { letter: Letter }) {
  const [busy, setBusy] = useState(false);
  const opened = useQuery({
    queryKey: [...lettersKey(of), letter.dead_letter_id],
    queryFn: ({ signal }) => LETTERS[of].open(letter.dead_letter_id, signal),
  });
  const replay = async () => {
    setBusy(true);
    try {
      await onReplay(letter);
      onClose();
    } catch (error) {
      showProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const drop = () => {
    onDrop(letter);
    onClose();
  };
  return (
    <Stack gap="md">
      <div>
        <Text fw={500}>{letter.reason}</Text>
        <Text size="sm" c="dimmed">
          {letter.type}, <ExactTime time={letter.failed_at} />
        </Text>
      </div>
      <ProblemAlert error={opened.error} />
      {opened.data ? (
        <ScrollArea.Autosize
          mah={340}
          viewportProps={{ tabIndex: 0, role: "region", "aria-label": "What it holds" }}
        >
          <Code block>{held(opened.data)}</Code>
        </ScrollArea.Autosize>
      ) : (
        !opened.error && <Skeleton h={200} />
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={drop}>
          Give up
        </Button>
        <Button onClick={replay} loading={busy}>
          Try again
        </Button>
      </Group>
    </Stack>
  );
}
