import { Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api, type Schemas } from "@/api/client";
import { useSession } from "@/api/session";
import { type Command, useCommands } from "@/app/commands";
import { AdminOnly } from "@/parts/AdminOnly";
import { type Column, DataTable } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { StatusBadge } from "@/parts/StatusBadge";
import { useKeyset } from "@/parts/useKeyset";
import { useUndoableDelete } from "@/parts/useUndoableDelete";
import { RelativeTime } from "@/parts/Words";
import { Invite } from "./Invite";
import { PersonMenu } from "./PersonMenu";
import { RoleChoice } from "./RoleChoice";

export type Person = Schemas["ShownPerson"];

const PEOPLE = ["people"] as const;

/** Of the table in pixels: below it everything of a person stands in one column. */
const NARROW = 560;

interface NamedProps {
  person: Person;
  isSelf: boolean;
  /** Long addresses go on in the next line. */
  whole?: boolean;
}

function Named({ person, isSelf, whole = false }: NamedProps) {
  const long = whole ? undefined : "clip";
  return (
    <div className={whole ? "whole" : undefined} style={{ lineHeight: 1.35 }}>
      <Text size="md" fw={500} lh={1.35} className={long}>
        {person.name || person.email}
        {isSelf && (
          <Text span c="dimmed" fw={400}>
            {" "}
            (you)
          </Text>
        )}
      </Text>
      {person.name && (
        <Text size="xs" c="dimmed" className={long}>
          {person.email}
        </Text>
      )}
    </div>
  );
}

function LastHere({ person }: { person: Person }) {
  if (person.invited) return <StatusBadge status="SCHEDULED">Invited</StatusBadge>;
  return <RelativeTime time={person.seen_at} />;
}

/** Who may sign in. */
export function PeoplePage() {
  return (
    <AdminOnly title="People">
      <People />
    </AdminOnly>
  );
}

function People() {
  const client = useQueryClient();
  const self = useSession()?.person.person_id;
  const [inviting, { open, close }] = useDisclosure(false);
  const list = useKeyset<Person>(PEOPLE, (cursor, signal) =>
    answer(api.GET("/api/v1/people", { params: { query: { limit: 100, cursor } }, signal })),
  );
  const removing = useUndoableDelete({
    send: (person_id) =>
      answer(api.DELETE("/api/v1/people/{person_id}", { params: { path: { person_id } } })),
    changes: [PEOPLE],
    done: "removed",
  });
  const changed = () => client.invalidateQueries({ queryKey: PEOPLE });
  useCommands(
    useMemo<Command[]>(() => [{ id: "invite", label: "Invite a person", icon: IconPlus, run: open }], [open]),
  );
  const columns: Column<Person>[] = [
    {
      key: "name",
      header: "Person",
      width: "minmax(100px, 3fr)",
      from: NARROW,
      cell: (person) => <Named person={person} isSelf={person.person_id === self} />,
    },
    {
      key: "name-and-role",
      header: "Person",
      width: "minmax(0, 1fr)",
      until: NARROW,
      cell: (person) => (
        <>
          <Named person={person} isSelf={person.person_id === self} whole />
          <Group gap="sm" mt={6} wrap="nowrap">
            <RoleChoice person={person} fixed={person.person_id === self} onChanged={changed} />
            <Text component="div" size="sm" c="dimmed">
              <LastHere person={person} />
            </Text>
          </Group>
        </>
      ),
    },
    {
      key: "role",
      header: "Role",
      width: "116px",
      from: NARROW,
      cell: (person) => <RoleChoice person={person} fixed={person.person_id === self} onChanged={changed} />,
    },
    {
      key: "seen",
      header: "Last here",
      width: "150px",
      from: NARROW,
      cell: (person) => <LastHere person={person} />,
    },
    {
      key: "actions",
      header: "Actions",
      quiet: true,
      width: "32px",
      align: "right",
      cell: (person) => (
        <PersonMenu
          person={person}
          isSelf={person.person_id === self}
          onRemove={() => removing.remove(person.person_id, person.name || person.email)}
        />
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title="People"
        description="Who may sign in, and what they may do."
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            Invite
          </Button>
        }
      />
      <DataTable
        label="People"
        columns={columns}
        list={list}
        rowHeight={58}
        narrow={{ until: NARROW, rowHeight: 104 }}
        rowKey={({ person_id }) => person_id}
        hidden={removing.hidden}
        empty={
          <EmptyState
            icon={IconUsersGroup}
            title="Nobody yet"
            text="Invite people by the address they sign in with."
          >
            <Button onClick={open}>Invite</Button>
          </EmptyState>
        }
      />
      <Invite opened={inviting} onClose={close} onInvited={changed} />
    </>
  );
}
