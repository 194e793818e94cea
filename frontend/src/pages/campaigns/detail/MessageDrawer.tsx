import { Anchor, Drawer, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { MessageInFull } from "@/campaigns/model";
import { messageQuery } from "@/campaigns/queries";
import { reasonMeaning, reasonName } from "@/campaigns/reasons";
import { vendorWithin } from "@/campaigns/vendors";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { StatusBadge } from "@/parts/StatusBadge";
import { Decide } from "./Decide";
import classes from "./Message.module.css";
import { MessageHistory } from "./MessageHistory";

const FINAL = new Set(["DELIVERED", "FAILED", "SKIPPED", "CANCELLED", "HOLDOUT"]);
const ANEW_MS = 3_000;

interface Props {
  /** null: it is closed. */
  messageId: string | null;
  close: () => void;
}

/** One message: what was sent, and all that came of it. */
export function MessageDrawer({ messageId, close }: Props) {
  const message = useQuery({
    ...messageQuery(messageId ?? ""),
    enabled: messageId !== null,
    refetchInterval: ({ state }) => (state.data && FINAL.has(state.data.state) ? false : ANEW_MS),
  });
  return (
    <Drawer
      opened={messageId !== null}
      onClose={close}
      position="right"
      size={520}
      title={message.data ? (message.data.name ?? "Erased customer") : "Message"}
      closeButtonProps={{ "aria-label": "Close" }}
      classNames={{ title: classes.title }}
      attributes={{ header: { role: "none" } }}
    >
      {message.data ? (
        <Shown message={message.data} />
      ) : (
        <>
          <ProblemAlert error={message.error} retry={message.refetch} />
          {message.isPending && <Skeleton h={180} radius="md" />}
        </>
      )}
    </Drawer>
  );
}

function Shown({ message }: { message: MessageInFull }) {
  const { state, reason } = message;
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Group gap="sm">
          <StatusBadge status={state}>{state === "HOLDOUT" ? "Held out" : undefined}</StatusBadge>
          {message.name !== null && (
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link to="/customers/$customerId" params={{ customerId: message.customer_id }} {...props} />
              )}
            >
              Open the customer
            </Anchor>
          )}
        </Group>
        {state === "HOLDOUT" && (
          <Text size="md">Gets nothing on purpose, to compare with those who got the message.</Text>
        )}
        {reason !== null && state !== "UNCONFIRMED" && (
          <Text size="md">
            {reasonName(reason)}.{" "}
            <Text span c="dimmed" inherit>
              {reasonMeaning(reason)}
            </Text>
          </Text>
        )}
      </Stack>
      {state === "UNCONFIRMED" && <Decide message={message} />}
      <SentText message={message} />
      <section aria-labelledby="history">
        <Title order={3} id="history" mb="sm">
          History
        </Title>
        <MessageHistory message={message} />
      </section>
    </Stack>
  );
}

function SentText({ message }: { message: MessageInFull }) {
  const { subject, body, address, vendor, vendor_ref, template_version } = message;
  if (body === null) {
    return (
      <Text size="sm" c="dimmed">
        The text is made when it is sent, with what is known of the customer then.
      </Text>
    );
  }
  return (
    <section aria-labelledby="sent-text">
      <Title order={3} id="sent-text" mb="sm">
        What was sent
      </Title>
      <div className={classes.mail}>
        {subject !== null && <div className={classes.subject}>{subject}</div>}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */}
        <section className={classes.body} tabIndex={0} aria-label="The text">
          {body}
        </section>
      </div>
      <Text size="sm" c="dimmed" mt="xs" style={{ overflowWrap: "anywhere" }}>
        To {address ?? "an address that is forgotten"} by {vendorWithin(vendor)}
        {template_version !== null && `, version ${template_version} of the message`}
        {vendor_ref && `. The vendor calls it ${vendor_ref}`}.
      </Text>
    </section>
  );
}
