/** Days joined into weeks where there are too many to tell apart. */

const MOST_DAYS = 100;
const WEEK = 7;

export interface Bar {
  /** Its first day. */
  day: string;
  /** How many days it stands for. */
  days: number;
}

/**
 * One item a day becomes one a day or a week, the last one ending today. `add` sums the days of an item;
 * a first week that is not whole is kept as it is.
 */
export function bucketed<Day extends { day: string }, Sums>(
  series: readonly Day[],
  add: (days: readonly Day[]) => Sums,
): (Bar & Sums)[] {
  const size = series.length > MOST_DAYS ? WEEK : 1;
  const short = series.length % size;
  const starts = [...(short ? [0] : []), ...range(short, series.length, size)];
  return starts.map((start, index) => {
    const days = series.slice(start, starts[index + 1] ?? series.length);
    return { day: days[0]?.day ?? "", days: days.length, ...add(days) };
  });
}

function range(from: number, to: number, step: number): number[] {
  return Array.from(
    { length: Math.max(0, Math.ceil((to - from) / step)) },
    (_, index) => from + index * step,
  );
}
