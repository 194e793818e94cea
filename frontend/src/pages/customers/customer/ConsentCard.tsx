import { Button, Card, Group, Modal, Stack, Text, Textarea, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconMailCheck, IconMailOff } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useCan } from "@/api/session";
import { ConfirmButton } from "@/parts/ConfirmButton";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { showDone } from "@/parts/toasts";
import { RelativeTime } from "@/parts/Words";
import classes from "../customers.module.css";
import { customerKeys, type ProfileInFull, suppress, unsuppress } from "../requests";

type Suppressed = ProfileInFull["suppressions"][number];

const REASONS: Record<string, string> = {
  UNSUBSCRIBED: "Unsubscribed",
  BOUNCED: "Messages bounced",
  COMPLAINED: "Complained about a message",
  MANUAL: "Unsubscribed by hand",
};

const WARNINGS: Record<string, string> = {
  UNSUBSCRIBED: "They unsubscribed themselves. Do this only if they asked for it.",
  BOUNCED: "The address did not take messages. Do this only if you know that it works again.",
  COMPLAINED: "They complained about a message. Do this only if they asked for it.",
};

function useRefresh(customerId: string): () => void {
  const client = useQueryClient();
  return () => {
    client.invalidateQueries({ queryKey: customerKeys.one(customerId) });
    client.invalidateQueries({ queryKey: ["customers", "timeline", customerId] });
  };
}

/** Whether messages may be sent, why not, and the way to change it. */
export function ConsentCard({ profile }: { profile: ProfileInFull }) {
  const mayChange = useCan("marketer");
  const refresh = useRefresh(profile.customer_id);
  const allowed = profile.suppressions.length === 0;
  const remove = async ({ suppression_id }: Suppressed) => {
    await unsuppress(suppression_id);
    showDone("Removed");
    refresh();
  };
  return (
    <Card component="section" aria-labelledby="consent-title">
      <Title order={2} id="consent-title" mb="sm">
        Messages
      </Title>
      <Group
        gap={8}
        wrap="nowrap"
        align="start"
        className={classes.consent}
        data-allowed={allowed || undefined}
      >
        {allowed ? <IconMailCheck size={18} aria-hidden /> : <IconMailOff size={18} aria-hidden />}
        <Text>{allowed ? "May be written to" : "Must not be written to"}</Text>
      </Group>
      {!allowed && (
        <ul className={classes.reasons}>
          {profile.suppressions.map((each) => (
            <li key={each.suppression_id}>
              <div>
                <Text size="md">{REASONS[each.reason] ?? each.reason}</Text>
                <Text size="sm" c="dimmed">
                  <RelativeTime time={each.created_at} />
                </Text>
              </div>
              {mayChange && (
                <ConfirmButton
                  size="compact-sm"
                  question="Allow messages again?"
                  consequence={WARNINGS[each.reason] ?? "Campaigns will reach this customer again."}
                  confirm="Allow"
                  onConfirm={() => remove(each)}
                  aria-label={`Remove: ${REASONS[each.reason] ?? each.reason}`}
                >
                  Remove
                </ConfirmButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {allowed && mayChange && <Unsubscribe profile={profile} onDone={refresh} />}
      {!mayChange && (
        <Text size="sm" c="dimmed" mt="xs">
          Marketers can change this.
        </Text>
      )}
    </Card>
  );
}

function Unsubscribe({ profile, onDone }: { profile: ProfileInFull; onDone: () => void }) {
  const [open, dialog] = useDisclosure(false);
  const [note, setNote] = useState("");
  const adding = useMutation({
    mutationFn: () => suppress(profile.customer_id, note.trim()),
    onSuccess: () => {
      dialog.close();
      setNote("");
      showDone(`${profile.name} gets no more messages`);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate();
  };
  return (
    <>
      <Button variant="default" size="xs" mt="sm" onClick={dialog.open}>
        Unsubscribe by hand
      </Button>
      <Modal opened={open} onClose={dialog.close} title={`Unsubscribe ${profile.name}?`}>
        <form onSubmit={submit}>
          <Stack gap="md">
            <Text>
              No campaign reaches this customer any more, also those under way. You can take it back at any
              time.
            </Text>
            <Textarea
              label="Note"
              description="Who asked for it, and where: by phone, in the shop"
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
              maxLength={500}
              autosize
              minRows={2}
              data-autofocus
            />
            <ProblemAlert error={adding.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={dialog.close}>
                Cancel
              </Button>
              <Button type="submit" loading={adding.isPending}>
                Unsubscribe
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
