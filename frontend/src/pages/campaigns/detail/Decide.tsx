import { Alert, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useCan } from "@/api/session";
import type { MessageInFull } from "@/campaigns/model";
import { campaignKeys } from "@/campaigns/queries";
import { reasonMeaning } from "@/campaigns/reasons";
import { giveUpMessage, resendMessage } from "@/campaigns/requests";
import { ConfirmButton } from "@/parts/ConfirmButton";
import { showDone } from "@/parts/toasts";

/** A message of which nobody knows whether it arrived: a person decides. */
export function Decide({ message }: { message: MessageInFull }) {
  const writes = useCan("marketer");
  const client = useQueryClient();
  const { message_id, campaign_id, name, reason } = message;
  const decide = async (sent: Promise<MessageInFull>, done: string) => {
    client.setQueryData(campaignKeys.message(message_id), await sent);
    client.invalidateQueries({ queryKey: ["campaign", campaign_id] });
    client.invalidateQueries({ queryKey: campaignKeys.lists });
    showDone(done);
  };
  const whom = name ?? "the customer";
  return (
    <Alert color="yellow" title="Nobody knows whether it arrived" radius="md">
      <Text size="md">
        {reason !== null && reasonMeaning(reason)} If the vendor still says what came of it, this resolves by
        itself.
      </Text>
      {writes && (
        <Group gap="xs" mt="sm">
          <ConfirmButton
            size="xs"
            question="Send it once more?"
            consequence={`If the first one did arrive, ${whom} gets it twice.`}
            confirm="Send again"
            onConfirm={() => decide(resendMessage(message_id), "It is sent once more")}
          >
            Send again
          </ConfirmButton>
          <ConfirmButton
            size="xs"
            question="Give it up?"
            consequence="It is counted as failed and not tried again."
            confirm="Give up"
            onConfirm={() => decide(giveUpMessage(message_id), "It is counted as failed")}
          >
            Give up
          </ConfirmButton>
        </Group>
      )}
    </Alert>
  );
}
