import { Count, Money, Percent } from "@/parts/Words";
import { MEASURES, type MeasureKey } from "./measures";

/** A number of a measure, as it is written; a lift says its direction. */
export function Value({ measure, value }: { measure: MeasureKey; value: number | null }) {
  const { kind } = MEASURES[measure];
  if (kind === "percent") return <Percent value={value} />;
  if (kind === "count") return <Count value={value} />;
  if (value === null) return <Money value={null} />;
  return (
    <span style={{ whiteSpace: "nowrap" }}>
      {measure === "lift" && value > 0 && "+"}
      <Money value={Math.round(value * 100) / 100} short />
    </span>
  );
}
