import { Group, Select, Stack } from "@mantine/core";
import { IconMailOff, IconSearchOff } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { type Campaign, isMoving, type MessageState, type Stats } from "@/campaigns/model";
import { parts } from "@/campaigns/progress";
import { campaignKeys } from "@/campaigns/queries";
import { listMessages } from "@/campaigns/requests";
import { DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { SearchInput } from "@/parts/SearchInput";
import { useKeyset } from "@/parts/useKeyset";
import { label } from "@/words/labels";
import { count } from "@/words/numbers";
import { messageColumns } from "./messageColumns";

const route = getRouteApi("/shell/campaigns/$campaignId");
const ANEW_MS = 5_000;
const MOST_ASKED_ANEW = 200;

interface Props {
  campaign: Campaign;
  stats: Stats | undefined;
}

/** Every message of the campaign: who, in which state, and why. */
export function MessagesTab({ campaign, stats }: Props) {
  const { campaign_id, status } = campaign;
  const { state, q } = route.useSearch();
  const navigate = route.useNavigate();
  const client = useQueryClient();
  const filter = { ...(state ? { state } : {}), ...(q ? { q } : {}) };
  const list = useKeyset([...campaignKeys.messages(campaign_id), filter], (cursor, signal) =>
    listMessages(campaign_id, filter, cursor, signal),
  );
  const follows = isMoving(status) && list.rows.length <= MOST_ASKED_ANEW;
  useEffect(() => {
    if (!follows) return;
    const again = () => client.invalidateQueries({ queryKey: campaignKeys.messages(campaign_id) });
    const timer = setInterval(again, ANEW_MS);
    return () => clearInterval(timer);
  }, [client, campaign_id, follows]);
  const show = (search: { state?: MessageState; q?: string }) =>
    navigate({ search: { tab: "messages", state, q, ...search }, replace: true, resetScroll: false });
  return (
    <Stack gap="md">
      <Group gap="sm">
        <Select
          aria-label="State of the messages"
          value={state ?? "ALL"}
          onChange={(next) => show({ state: next === "ALL" ? undefined : (next as MessageState) })}
          data={choices(stats)}
          allowDeselect={false}
          w={220}
          maxDropdownHeight={400}
        />
        <SearchInput
          label="Search by name or e-mail"
          value={q ?? ""}
          onChange={(next) => show({ q: next || undefined })}
          style={{ flex: "1 1 200px", maxWidth: 320 }}
        />
      </Group>
      <DataTable
        label="Messages"
        columns={messageColumns(campaign)}
        list={list}
        rowKey={({ message_id }) => message_id}
        rowHeight={56}
        empty={
          q || state ? (
            <EmptyState
              icon={IconSearchOff}
              title="No message like that"
              text="Try another state, or another part of the name or address."
            />
          ) : (
            <EmptyState
              icon={IconMailOff}
              title="No messages yet"
              text={
                status === "PREPARING"
                  ? "The audience is being written down."
                  : "Nobody was in the audience when it was launched."
              }
            />
          )
        }
      />
    </Stack>
  );
}

function choices(stats: Stats | undefined): { value: string; label: string }[] {
  if (stats === undefined) return [{ value: "ALL", label: "All messages" }];
  return [
    { value: "ALL", label: `All messages (${count(stats.audience)})` },
    ...parts(stats).map(({ state, value }) => ({ value: state, label: `${label(state)} (${count(value)})` })),
    { value: "HOLDOUT", label: `Held out (${count(stats.holdout)})` },
  ];
}
