import { Text } from "@mantine/core";
import {
  IconBellOff,
  IconMailCheck,
  IconMailOpened,
  IconMailX,
  IconPointer,
  IconSend,
  IconShoppingBag,
  IconUserPlus,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { StatusBadge } from "@/parts/StatusBadge";
import { Money, RelativeTime } from "@/parts/Words";
import { label } from "@/words/labels";
import classes from "../customers.module.css";
import type { TimelineItem } from "../requests";

type Tone = "good" | "bad" | "info" | "calm";

interface Told {
  icon: typeof IconSend;
  tone: Tone;
  text: ReactNode;
  /** Under the text. */
  note?: ReactNode;
}

const times = (count: number | null) => (count !== null && count > 1 ? `${count} times in all` : undefined);

function Campaign({ item }: { item: TimelineItem }) {
  if (!item.campaign_id) return item.campaign_name;
  const search = item.message_id ? ({ tab: "messages", message: item.message_id } as const) : {};
  return (
    <Link
      to="/campaigns/$campaignId"
      params={{ campaignId: item.campaign_id }}
      search={search}
      className="plain-link"
    >
      <b>{item.campaign_name}</b>
    </Link>
  );
}

function order(item: TimelineItem): Told {
  const counts = item.status === "COMPLETED";
  return {
    icon: IconShoppingBag,
    tone: counts ? "info" : "calm",
    text: (
      <>
        Ordered for{" "}
        <b>
          <Money value={item.order_amount} />
        </b>{" "}
        {item.status && !counts && <StatusBadge status={item.status} />}
      </>
    ),
    note: item.order_id,
  };
}

const campaign = (item: TimelineItem) => <Campaign item={item} />;

const TOLD: Record<string, (item: TimelineItem, first: boolean) => Told> = {
  joined: (_, first) => ({
    icon: IconUserPlus,
    tone: "calm",
    text: first ? "Became a customer" : "First known here",
  }),
  order,
  message: (item) => ({
    icon: IconSend,
    tone: "calm",
    text: (
      <>
        {campaign(item)} {item.status && <StatusBadge status={item.status} />}
      </>
    ),
    note: item.reason && label(item.reason),
  }),
  receipt: (item) => {
    const good = item.status === "DELIVERED" || item.status === "SENT";
    return {
      icon: good ? IconMailCheck : IconMailX,
      tone: good ? "good" : "bad",
      text: (
        <>
          {label(item.status ?? "")}: {campaign(item)}
        </>
      ),
      note: item.reason && label(item.reason),
    };
  },
  open: (item) => ({
    icon: IconMailOpened,
    tone: "good",
    text: <>Opened {campaign(item)}</>,
    note: times(item.count),
  }),
  click: (item) => ({
    icon: IconPointer,
    tone: "good",
    text: <>Clicked in {campaign(item)}</>,
    note: [item.url, times(item.count)].filter(Boolean).join(" · "),
  }),
  suppression: (item) => ({
    icon: IconBellOff,
    tone: "bad",
    text: (
      <>
        {item.reason === "UNSUBSCRIBED" ? "Unsubscribed" : "No messages from here on"}
        {item.campaign_name && <> after {campaign(item)}</>}
      </>
    ),
    note: item.reason && item.reason !== "UNSUBSCRIBED" && SUPPRESSED[item.reason],
  }),
};

const SUPPRESSED: Record<string, string> = {
  BOUNCED: "The address bounced",
  COMPLAINED: "They complained about a message",
  MANUAL: "Unsubscribed by hand",
};

interface Props {
  item: TimelineItem;
  /** Nothing happened before. */
  first: boolean;
}

export function TimelineEntry({ item, first }: Props) {
  const told = TOLD[item.kind]?.(item, first);
  if (!told) return null;
  const { icon: Icon, tone, text, note } = told;
  return (
    <li className={classes.entry}>
      <span className={classes.mark} data-tone={tone}>
        <Icon size={15} stroke={1.8} aria-hidden />
      </span>
      <div className={classes.said}>
        <div className={classes.text}>{text}</div>
        {note && (
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {note}
          </Text>
        )}
      </div>
      <Text size="sm" c="dimmed" className={classes.when}>
        <RelativeTime time={item.at} />
      </Text>
    </li>
  );
}
