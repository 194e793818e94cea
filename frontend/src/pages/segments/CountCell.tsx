import { Button, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem } from "@/api/problem";
import { rowAction } from "@/parts/DataTable";
import { Count } from "@/parts/Words";
import { countQuery, type Segment } from "@/rules/segments";

/** How many customers a segment has now, counted when it is asked for. */
export function CountCell({ segment }: { segment: Segment }) {
  const [asked, setAsked] = useState(false);
  const counting = useQuery({ ...countQuery(segment.rules), enabled: asked });
  if (counting.data !== undefined) return <Count value={counting.data} />;
  const button = (
    <Button
      className={rowAction}
      mr={-8}
      variant="subtle"
      size="compact-sm"
      loading={counting.isFetching}
      onClick={() => (asked ? counting.refetch() : setAsked(true))}
      aria-label={`Count the customers of ${segment.name}`}
    >
      {counting.error ? "Again" : "Count"}
    </Button>
  );
  return counting.error ? <Tooltip label={asProblem(counting.error).detail}>{button}</Tooltip> : button;
}
