import { Skeleton, Table, Text } from "@mantine/core";
import { Count } from "@/parts/Words";
import { duration } from "@/words/times";
import type { QueueRow } from "./queues";

const SERVICES = { ingestion: "Ingestion", campaigns: "Campaigns" };

/** What waits where, and for how long. */
export function Queues({ rows }: { rows: QueueRow[] }) {
  if (rows.length === 0) return <Skeleton h={220} />;
  return (
    <Table verticalSpacing={7} horizontalSpacing="xs" mx={-8} w="calc(100% + 16px)">
      <Table.Thead>
        <Table.Tr>
          <Table.Th fz="xs" fw={500} c="dimmed">
            Queue
          </Table.Th>
          <Table.Th fz="xs" fw={500} c="dimmed" ta="right">
            Waiting
          </Table.Th>
          <Table.Th fz="xs" fw={500} c="dimmed" ta="right">
            Oldest
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.key}>
            <Table.Td>
              <Text size="md">{row.name}</Text>
              <Text size="xs" c="dimmed">
                {SERVICES[row.service]} · {row.code}
              </Text>
            </Table.Td>
            <Table.Td ta="right">
              <Count value={row.frames} />
            </Table.Td>
            <Table.Td ta="right">{row.lagS === null ? <Count value={null} /> : duration(row.lagS)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
