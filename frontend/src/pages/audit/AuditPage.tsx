import { Button, Group, Pill, Select } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { answer, api } from "@/api/client";
import { useInstallation } from "@/api/session";
import { AdminOnly } from "@/parts/AdminOnly";
import { DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { useKeyset } from "@/parts/useKeyset";
import { columnsFor, type Deed, NARROW } from "./columns";
import { SUBJECTS } from "./words";

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
  const { time_zone } = useInstallation();
  const columns = useMemo(() => columnsFor(time_zone), [time_zone]);
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
        columns={columns}
        list={list}
        rowHeight={58}
        narrow={{ until: NARROW, rowHeight: 76 }}
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
