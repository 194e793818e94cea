import { Button, Group, Pill, Select, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { answer, api, type Schemas } from "@/api/client";
import { AdminOnly } from "@/parts/AdminOnly";
import { type Column, DataTable, rowAction } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { useKeyset } from "@/parts/useKeyset";
import { RelativeTime } from "@/parts/Words";
import { SubjectLink } from "./SubjectLink";
import { deed, details, SUBJECTS } from "./words";

type Deed = Schemas["ShownDeed"];

const route = getRouteApi("/shell/audit");

const KINDS = Object.entries(SUBJECTS).map(([value, label]) => ({ value, label }));

/** Who did what. */
export function AuditPage() {
  return (
    <AdminOnly title="Audit log">
      <AuditLog />
    </AdminOnly>
  );
}

function AuditLog() {
  const { kind, subject, actor } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useKeyset<Deed>(["audit", kind, subject, actor], (cursor, signal) =>
    answer(
      api.GET("/api/v1/audit", {
        params: { query: { subject_kind: kind, subject_id: subject, actor_id: actor, limit: 100, cursor } },
        signal,
      }),
    ),
  );
  const narrowed = Boolean(kind || subject || actor);
  const actorName = list.rows.find(({ actor_id }) => actor_id === actor)?.actor_name ?? "one person";
  return (
    <>
      <PageHeader
        title="Audit log"
        description="Who changed what, the last first. Nothing here can be changed."
      />
      <Group mb="md" gap="sm">
        <Select
          aria-label="What it was done to"
          placeholder="Everything"
          data={KINDS}
          value={kind ?? null}
          onChange={(next) => navigate({ search: { kind: next ?? undefined, actor } })}
          clearable
          w={200}
          clearButtonProps={{ "aria-label": "Everything" }}
        />
        {actor && (
          <Pill
            size="lg"
            withRemoveButton
            removeButtonProps={{ "aria-label": "Show everybody's", tabIndex: 0, "aria-hidden": false }}
            onRemove={() => navigate({ search: { kind, subject } })}
          >
            By {actorName}
          </Pill>
        )}
        {subject && (
          <Pill
            size="lg"
            withRemoveButton
            removeButtonProps={{ "aria-label": "Show all of them", tabIndex: 0, "aria-hidden": false }}
            onRemove={() => navigate({ search: { kind, actor } })}
          >
            Only this one
          </Pill>
        )}
      </Group>
      <DataTable
        label="Audit log"
        columns={COLUMNS}
        list={list}
        rowHeight={58}
        rowKey={({ audit_id }) => audit_id}
        empty={
          <EmptyState
            icon={IconHistory}
            title={narrowed ? "Nothing of this kind" : "Nothing happened yet"}
            text={narrowed ? "Look at everything instead." : "What people change is noted here."}
          >
            {narrowed && (
              <Button variant="default" onClick={() => navigate({ search: {} })}>
                Show everything
              </Button>
            )}
          </EmptyState>
        }
      />
    </>
  );
}

const COLUMNS: Column<Deed>[] = [
  {
    key: "deed",
    header: "What",
    width: "minmax(150px, 3fr)",
    cell: (each) => (
      <div style={{ lineHeight: 1.35 }}>
        <Text size="md" fw={500} className="clip">
          {deed(each.action)}
        </Text>
        <Text size="xs" c="dimmed" className="clip" title={details(each.detail)}>
          {details(each.detail) || " "}
        </Text>
      </div>
    ),
  },
  {
    key: "subject",
    header: "To",
    width: "minmax(90px, 1fr)",
    from: 760,
    cell: (each) => <SubjectLink kind={each.subject_kind} id={each.subject_id} />,
  },
  {
    key: "actor",
    header: "By",
    width: "minmax(90px, 1.2fr)",
    cell: ({ actor_id, actor_name, actor_kind }) =>
      actor_id ? (
        <Link to="/audit" search={{ actor: actor_id }} className={`plain-link ${rowAction}`}>
          {actor_name}
          {actor_kind === "key" && (
            <Text span c="dimmed">
              {" "}
              (key)
            </Text>
          )}
        </Link>
      ) : (
        <Text c="dimmed">{actor_name || "The product"}</Text>
      ),
  },
  { key: "at", header: "When", width: "130px", from: 480, cell: ({ at }) => <RelativeTime time={at} /> },
];
