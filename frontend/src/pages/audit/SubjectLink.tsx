import { Link } from "@tanstack/react-router";
import { rowAction } from "@/parts/DataTable";
import { shortId } from "./words";

const LINK = `plain-link ${rowAction}`;

interface Props {
  kind: string;
  id: string;
  name: string;
  /** It is no more. */
  gone: boolean;
}

/** What was changed by its name, or by the end of its id; a link to its page when it has one. */
export function SubjectLink({ kind, id, name, gone }: Props) {
  const text = name || shortId(id);
  if (gone || !id) return name;
  switch (kind) {
    case "campaign":
      return (
        <Link to="/campaigns/$campaignId" params={{ campaignId: id }} className={LINK}>
          {text}
        </Link>
      );
    case "segment":
      return (
        <Link to="/segments/$segmentId" params={{ segmentId: id }} className={LINK}>
          {text}
        </Link>
      );
    case "customer":
      return (
        <Link to="/customers/$customerId" params={{ customerId: id }} className={LINK}>
          {text}
        </Link>
      );
    default:
      return name;
  }
}
