import { Button, Center, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { Fragment } from "react";
import { useInstallation } from "@/api/session";
import { EmptyState } from "@/parts/EmptyState";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { useKeyset } from "@/parts/useKeyset";
import { locale } from "@/words/locale";
import classes from "../customers.module.css";
import { customerKeys, listTimeline, type TimelineItem } from "../requests";
import { TimelineEntry } from "./TimelineEntry";

const WAITING = [1, 2, 3, 4, 5];

/** What happened with the customer, the newest first, by month. */
export function Timeline({ customerId }: { customerId: string }) {
  const { time_zone } = useInstallation();
  const list = useKeyset<TimelineItem>(customerKeys.timeline(customerId), (cursor, signal) =>
    listTimeline(customerId, undefined, cursor, signal),
  );
  if (list.error && list.rows.length === 0) return <ProblemAlert error={list.error} retry={list.retry} />;
  if (list.loading) return <Waiting />;
  if (list.rows.length === 0) {
    return <EmptyState icon={IconHistory} title="Nothing yet" text="Orders and messages will show here." />;
  }
  const month = new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: time_zone });
  const named = list.rows.map((item) => ({ item, name: month.format(new Date(item.at)) }));
  return (
    <>
      <ol className={classes.timeline}>
        {named.map(({ item, name }, index) => (
          <Fragment key={keyOf(item)}>
            {name !== named[index - 1]?.name && (
              <li className={classes.month}>
                <Text size="sm" fw={600}>
                  {name}
                </Text>
              </li>
            )}
            <TimelineEntry item={item} first={index === named.length - 1 && !list.more} />
          </Fragment>
        ))}
      </ol>
      {list.more && (
        <Center mt="sm">
          <Button variant="default" size="xs" loading={list.loadingMore} onClick={list.more}>
            Load more
          </Button>
        </Center>
      )}
    </>
  );
}

const keyOf = ({ kind, at, order_id, message_id, url, status }: TimelineItem): string =>
  [kind, at, order_id, message_id, url, status].join(" ");

function Waiting() {
  return (
    <Stack gap="md" aria-hidden>
      {WAITING.map((row) => (
        <Group key={row} gap="sm" wrap="nowrap">
          <Skeleton h={28} circle />
          <Skeleton h={12} w={`${40 + ((row * 13) % 35)}%`} />
        </Group>
      ))}
    </Stack>
  );
}
