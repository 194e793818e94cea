import { ActionIcon, Card, Group, ScrollArea, Table, Text, Title, Tooltip } from "@mantine/core";
import { IconChartAreaLine, IconTable } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

interface Props {
  title: string;
  /** What the chart shows, in a sentence: read out instead of the drawing. */
  summary: string;
  /** Between title and chart: a total, a legend. */
  note?: ReactNode;
  /** The same numbers as text; the first column names the row. */
  table: { head: string[]; rows: ReactNode[][] };
  height: number;
  /** The chart, as high as `height`. */
  children: ReactNode;
}

/** A chart, which may be read as a table instead. */
export function ChartCard({ title, summary, note, table, height, children }: Props) {
  const [asTable, setAsTable] = useState(false);
  const change = asTable
    ? `Show ${title.toLowerCase()} as a chart`
    : `Show ${title.toLowerCase()} as a table`;
  return (
    <Card component="section" aria-label={`${title} chart`} padding="md">
      <Group justify="space-between" wrap="nowrap" mb="xs" align="start">
        <div>
          <Title order={2}>{title}</Title>
          {note && (
            <Text size="sm" c="dimmed" component="div">
              {note}
            </Text>
          )}
        </div>
        <Tooltip label={asTable ? "As a chart" : "As a table"}>
          <ActionIcon
            variant="subtle"
            color="gray"
            c="dimmed"
            aria-label={change}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <IconChartAreaLine size={18} aria-hidden /> : <IconTable size={18} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      </Group>
      {asTable ? (
        <ScrollArea
          h={height}
          viewportProps={{ tabIndex: 0, role: "group", "aria-label": `${title}, as a table` }}
        >
          <NumbersTable {...table} />
        </ScrollArea>
      ) : (
        <div role="img" aria-label={summary} style={{ height }}>
          {children}
        </div>
      )}
    </Card>
  );
}

function NumbersTable({ head, rows }: Props["table"]) {
  return (
    <Table stickyHeader fz="sm" verticalSpacing={5} horizontalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          {head.map((name, column) => (
            <Table.Th key={name} ta={column > 0 ? "right" : undefined}>
              {name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((cells, row) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name and do not move
          <Table.Tr key={row}>
            {cells.map((cell, column) => (
              <Table.Td key={head[column]} ta={column > 0 ? "right" : undefined}>
                {cell}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
