import { Button, Text } from "@mantine/core";
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

function Named({ person, isSelf }: { person: Person; isSelf: boolean }) {
  return (
    <div style={{ lineHeight: 1.35 }}>
      <Text size="md" fw={500} className="clip">
        {person.name || person.email}
        {isSelf && (
          <Text span c="dimmed" fw={400}>
            {" "}
            (you)
          </Text>
        )}
      </Text>
      {person.name && (
        <Text size="xs" c="dimmed" className="clip">
          {person.email}
        </Text>
      )}
    </div>
  );
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
      cell: (person) => <Named person={person} isSelf={person.person_id === self} />,
    },
    {
      key: "role",
      header: "Role",
      width: "116px",
      cell: (person) => <RoleChoice person={person} fixed={person.person_id === self} onChanged={changed} />,
    },
    {
      key: "seen",
      header: "Last here",
      width: "150px",
      from: 560,
      cell: (person) =>
        person.invited ? (
          <StatusBadge status="SCHEDULED">Invited</StatusBadge>
        ) : (
          <RelativeTime time={person.seen_at} />
        ),
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
