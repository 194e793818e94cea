import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { PageHeader } from "@/parts/PageHeader";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { useFields, withUnlisted } from "@/rules/fields";
import type { Rule } from "@/rules/rule";
import { segmentQuery } from "@/rules/segments";
import { SegmentEditor } from "./SegmentEditor";

const existing = getRouteApi("/shell/segments/$segmentId");
const fresh = getRouteApi("/shell/segments/new");
const BACK = { to: "/segments", label: "Segments" } as const;
const EMPTY: Rule = { combinator: "and", rules: [] };

/** A segment as it is kept; marketers change it in place. */
export function SegmentPage() {
  const { segmentId } = existing.useParams();
  const segment = useQuery({ ...segmentQuery(segmentId), refetchOnWindowFocus: false });
  const { fields, loading, error } = useFields();
  const failed = segment.data ? error : (segment.error ?? error);
  if (failed) {
    return (
      <>
        <PageHeader title="Segment" back={BACK} />
        <ProblemAlert error={failed} retry={() => segment.refetch()} />
      </>
    );
  }
  if (!segment.data || loading) return <Waiting />;
  const all = withUnlisted(fields, segment.data.rules);
  return <SegmentEditor key={segmentId} segment={segment.data} rules={segment.data.rules} fields={all} />;
}

export function NewSegmentPage() {
  const { rules = EMPTY } = fresh.useSearch();
  const { fields, loading, error } = useFields();
  if (error) {
    return (
      <>
        <PageHeader title="New segment" back={BACK} />
        <ProblemAlert error={error} />
      </>
    );
  }
  if (loading) return <Waiting />;
  return (
    <SegmentEditor
      key={JSON.stringify(rules)}
      segment={null}
      rules={rules}
      fields={withUnlisted(fields, rules)}
    />
  );
}

function Waiting() {
  return (
    <>
      <PageHeader title="Segment" back={BACK} />
      <Skeleton h={280} radius="lg" aria-label="Loading" />
    </>
  );
}
