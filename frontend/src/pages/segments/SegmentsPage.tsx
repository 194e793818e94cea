import { Button, Group, Text, Tooltip } from "@mantine/core";
import { IconFilter, IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCan } from "@/api/session";
import { type Column, DataTable, rowLink } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { SearchInput } from "@/parts/SearchInput";
import { useKeyset } from "@/parts/useKeyset";
import { useUndoableDelete } from "@/parts/useUndoableDelete";
import { Count, RelativeTime } from "@/parts/Words";
import { listSegments, type Segment, segmentKeys } from "@/rules/segments";
import { CountCell } from "./CountCell";
import { RowMenu } from "./RowMenu";
import { deleteSegment } from "./requests";
import classes from "./segments.module.css";

const PAGE = 50;
const route = getRouteApi("/shell/segments");

function columns(mayChange: boolean, remove: (segment: Segment) => void): Column<Segment>[] {
  return [
    {
      key: "name",
      header: "Segment",
      width: "minmax(0, 1fr)",
      cell: (segment) => (
        <>
          <Link to="/segments/$segmentId" params={{ segmentId: segment.segment_id }} className={rowLink}>
            {segment.name}
          </Link>
          <Text size="sm" c="dimmed" className="clip" title={segment.words}>
            {segment.words}
          </Text>
        </>
      ),
    },
    {
      key: "count",
      header: "Customers",
      width: "92px",
      align: "right",
      from: 480,
      cell: (segment) => <CountCell segment={segment} />,
    },
    {
      key: "campaigns",
      header: "Campaigns",
      width: "98px",
      align: "right",
      from: 640,
      cell: (segment) => <Count value={segment.campaigns} />,
    },
    {
      key: "created",
      header: "Created",
      width: "120px",
      from: 940,
      cell: (segment) => <RelativeTime time={segment.created_at} />,
    },
    {
      key: "updated",
      header: "Changed",
      width: "120px",
      from: 780,
      cell: (segment) => <RelativeTime time={segment.updated_at} />,
    },
    {
      key: "menu",
      header: "More",
      quiet: true,
      width: "32px",
      cell: (segment) => <RowMenu segment={segment} mayChange={mayChange} onDelete={() => remove(segment)} />,
    },
  ];
}

export function SegmentsPage() {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const mayChange = useCan("marketer");
  const list = useKeyset<Segment>(segmentKeys.list(q), (cursor, signal) =>
    listSegments(q, PAGE, cursor, signal),
  );
  const { hidden, remove } = useUndoableDelete({
    send: deleteSegment,
    changes: [[...segmentKeys.all, "list"]],
  });
  const search = (next: string) => navigate({ search: { q: next || undefined }, replace: true });
  return (
    <>
      <PageHeader
        title="Segments"
        description="Rules that say which customers a campaign is for. Who matches is decided when it is sent."
        actions={<NewButton mayChange={mayChange} />}
      />
      <Group mb="sm">
        <SearchInput label="Search segments" value={q} onChange={search} className={classes.search} />
      </Group>
      <DataTable
        label="Segments"
        columns={columns(mayChange, (segment) => remove(segment.segment_id, `Segment “${segment.name}”`))}
        list={list}
        rowKey={(segment) => segment.segment_id}
        rowHeight={60}
        hidden={hidden}
        empty={
          q ? (
            <EmptyState icon={IconFilter} title="No segment by that name" text={`Nothing matches “${q}”.`}>
              <Button variant="default" onClick={() => search("")}>
                Show all segments
              </Button>
            </EmptyState>
          ) : (
            <EmptyState
              icon={IconUsersGroup}
              title="No segments yet"
              text="Describe the customers you want to reach, by what they bought and who they are, and see at once how many they are."
            >
              <NewButton mayChange={mayChange} />
            </EmptyState>
          )
        }
      />
    </>
  );
}

function NewButton({ mayChange }: { mayChange: boolean }) {
  const icon = <IconPlus size={16} aria-hidden />;
  if (mayChange) {
    return (
      <Button component={Link} to="/segments/new" leftSection={icon}>
        New segment
      </Button>
    );
  }
  return (
    <Tooltip label="Your role can look at segments; marketers can make them">
      <Button leftSection={icon} data-disabled aria-disabled onClick={(event) => event.preventDefault()}>
        New segment
      </Button>
    </Tooltip>
  );
}
