import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { SUBJECTS } from "./words";

/** Where what was changed can be looked at. */
export function SubjectLink({ kind, id }: { kind: string; id: string }) {
  const name = SUBJECTS[kind] ?? kind;
  if (!id) return <Text c="dimmed">{name}</Text>;
  switch (kind) {
    case "campaign":
      return (
        <Link to="/campaigns/$campaignId" params={{ campaignId: id }} className="plain-link">
          {name}
        </Link>
      );
    case "segment":
      return (
        <Link to="/segments/$segmentId" params={{ segmentId: id }} className="plain-link">
          {name}
        </Link>
      );
    case "customer":
      return (
        <Link to="/customers/$customerId" params={{ customerId: id }} className="plain-link">
          {name}
        </Link>
      );
    default:
      return (
        <Link to="/audit" search={{ kind, subject: id }} className="plain-link">
          {name}
        </Link>
      );
  }
}
