import { Button, Code, Group, Switch, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { type Command, useCommands } from "@/app/commands";
import { AdminOnly } from "@/parts/AdminOnly";
import { ConfirmButton } from "@/parts/ConfirmButton";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { StatusBadge } from "@/parts/StatusBadge";
import { showDone } from "@/parts/toasts";
import { useKeyset } from "@/parts/useKeyset";
import { RelativeTime } from "@/parts/Words";
import { ROLES } from "@/words/labels";
import { limitsInWords } from "./KeyLimits";
import { NewKey } from "./NewKey";

type Key = Schemas["ShownApiKey"];

const KEYS = ["keys"] as const;

const COLUMNS: Column<Key>[] = [
  {
    key: "name",
    header: "Name",
    width: "minmax(120px, 2fr)",
    cell: (key) => (
      <div>
        <b className="medium">{key.name}</b>
        {limitsInWords(key) && (
          <Text size="xs" c="dimmed">
            {limitsInWords(key)}
          </Text>
        )}
      </div>
    ),
  },
  {
    key: "id",
    header: "Begins with",
    width: "190px",
    from: 820,
    cell: ({ key_id }) => <Code>xk_{key_id}</Code>,
  },
  { key: "role", header: "Role", width: "100px", from: 420, cell: ({ role }) => ROLES[role] },
  {
    key: "created",
    header: "Made",
    width: "130px",
    from: 560,
    cell: ({ created_at }) => <RelativeTime time={created_at} />,
  },
];

/** What programs sign in with. */
export function KeysPage() {
  return (
    <AdminOnly title="API keys">
      <Keys />
    </AdminOnly>
  );
}

function Keys() {
  const client = useQueryClient();
  const [making, { open, close }] = useDisclosure(false);
  const [revokedToo, setRevokedToo] = useState(false);
  const list = useKeyset<Key>(KEYS, (cursor, signal) =>
    answer(api.GET("/api/v1/api-keys", { params: { query: { limit: 100, cursor } }, signal })),
  );
  const changed = () => client.invalidateQueries({ queryKey: KEYS });
  const revoke = async ({ key_id, name }: Key) => {
    await answer(api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id } } }));
    showDone(`Key “${name}” does not work any more`);
    await changed();
  };
  const commands = useMemo<Command[]>(
    () => [{ id: "new-key", label: "New API key", icon: IconPlus, run: open }],
    [open],
  );
  useCommands(commands);
  const columns: Column<Key>[] = [
    ...COLUMNS,
    {
      key: "state",
      header: "State",
      quiet: true,
      width: "100px",
      align: "right",
      cell: (key) =>
        key.revoked_at ? (
          <StatusBadge status="CANCELLED">Revoked</StatusBadge>
        ) : (
          <ConfirmButton
            size="compact-sm"
            question={`Revoke “${key.name}”?`}
            consequence="Programs that use this key are refused within seconds. It cannot be brought back."
            confirm="Revoke"
            danger
            onConfirm={() => revoke(key)}
          >
            Revoke
          </ConfirmButton>
        ),
    },
  ];
  const shown = { ...list, rows: revokedToo ? list.rows : list.rows.filter(({ revoked_at }) => !revoked_at) };
  return (
    <>
      <PageHeader
        title="API keys"
        description="Programs sign in with a key: your shop that sends orders, a script, a report."
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            New key
          </Button>
        }
      />
      <Group justify="flex-end" mb="sm">
        <Switch
          size="sm"
          label="Show revoked keys"
          checked={revokedToo}
          onChange={(event) => setRevokedToo(event.currentTarget.checked)}
        />
      </Group>
      <DataTable
        label="API keys"
        columns={columns}
        list={shown}
        rowKey={({ key_id }) => key_id}
        empty={
          <EmptyState
            icon={IconKey}
            title="No keys"
            text="Make a key for each program, so that one can be revoked alone."
          >
            <Button onClick={open}>New key</Button>
          </EmptyState>
        }
      />
      <Text size="sm" c="dimmed" mt="sm">
        A key is shown once, when it is made. Only its fingerprint is kept.
      </Text>
      <NewKey opened={making} onClose={close} onMade={changed} />
    </>
  );
}
