import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { type Column, rowAction } from "@/parts/DataTable";
import { RelativeTime } from "@/parts/Words";
import { SubjectLink } from "./SubjectLink";
import { deed, details, isGone, SUBJECTS } from "./words";

export type Deed = Schemas["ShownDeed"];

/** Of the table in pixels: below it who and when stand under what was done. */
export const NARROW = 560;

const PAGES = new Set(["campaign", "segment", "customer"]);

export function columnsFor(timeZone: string): Column<Deed>[] {
  return [
    {
      key: "deed",
      header: "What",
      width: "minmax(150px, 3fr)",
      from: NARROW,
      cell: (each) => <What each={each} timeZone={timeZone} />,
    },
    {
      key: "all",
      header: "What",
      width: "minmax(0, 1fr)",
      until: NARROW,
      cell: (each) => (
        <>
          <What each={each} timeZone={timeZone} />
          <Text size="xs" c="dimmed" className="clip">
            <Actor each={each} />, <RelativeTime time={each.at} />
          </Text>
        </>
      ),
    },
    {
      key: "subject",
      header: "To",
      width: "minmax(90px, 1fr)",
      from: 760,
      cell: (each) => <AllOfIt each={each} />,
    },
    {
      key: "actor",
      header: "By",
      width: "minmax(90px, 1.2fr)",
      from: NARROW,
      cell: (each) => <Who each={each} />,
    },
    { key: "at", header: "When", width: "130px", from: NARROW, cell: ({ at }) => <RelativeTime time={at} /> },
  ];
}

function What({ each, timeZone }: { each: Deed; timeZone: string }) {
  const { action, subject_kind, subject_id } = each;
  const { name, ...rest } = each.detail;
  const hasPage = PAGES.has(subject_kind);
  const said = details(hasPage ? rest : each.detail, timeZone);
  return (
    <div style={{ lineHeight: 1.35 }}>
      <Text size="md" fw={500} className="clip">
        {deed(action)}
      </Text>
      <Text size="xs" c="dimmed" className="clip" title={details(each.detail, timeZone)}>
        {hasPage && (
          <SubjectLink
            kind={subject_kind}
            id={subject_id}
            name={typeof name === "string" ? name : ""}
            gone={isGone(action)}
          />
        )}
        {hasPage && said && " · "}
        {said || (hasPage ? "" : " ")}
      </Text>
    </div>
  );
}

/** Everything that was done to the same thing. */
function AllOfIt({ each: { subject_kind, subject_id } }: { each: Deed }) {
  const kind = SUBJECTS[subject_kind] ?? subject_kind;
  if (!subject_id) return <Text c="dimmed">{kind}</Text>;
  return (
    <Link
      to="/audit"
      search={{ kind: subject_kind, subject: subject_id }}
      className={`plain-link ${rowAction}`}
      title="Everything that was done to it"
    >
      {kind}
    </Link>
  );
}

/** Everything that they did. */
function Who({ each }: { each: Deed }) {
  const { actor_id } = each;
  if (!actor_id) return <Actor each={each} />;
  return (
    <Link
      to="/audit"
      search={{ actor: actor_id }}
      className={`plain-link ${rowAction}`}
      title="Everything that they did"
    >
      <Actor each={each} />
    </Link>
  );
}

function Actor({ each: { actor_id, actor_name, actor_kind } }: { each: Deed }) {
  return (
    <>
      {actor_name || "The product"}
      {actor_id && actor_kind === "key" && (
        <Text span c="dimmed" inherit>
          {" "}
          (key)
        </Text>
      )}
    </>
  );
}
