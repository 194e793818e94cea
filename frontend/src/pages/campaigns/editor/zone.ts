/** Times as clocks show them in a time zone (2026-11-25T10:00), and the moments they are. Pure. */

/** By how much clocks in `timeZone` are ahead of UTC at a moment. */
function aheadMs(moment: number, timeZone: string): number {
  const shown = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(moment);
  const part = (type: string) => Number(shown.find((each) => each.type === type)?.value);
  const asUtc = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return asUtc - Math.floor(moment / 1000) * 1000;
}

/** The moment at which clocks show `wall`; of a time that summer time leaves out, one next to it. */
export function momentOf(wall: string, timeZone: string): Date {
  const asUtc = Date.parse(`${wall}:00Z`);
  const guess = asUtc - aheadMs(asUtc, timeZone);
  return new Date(asUtc - aheadMs(guess, timeZone));
}

export function wallTime(moment: Date | string, timeZone: string): string {
  const at = new Date(moment).getTime();
  return new Date(at + aheadMs(at, timeZone)).toISOString().slice(0, 16);
}

/** So many days after today, at an hour of the day. */
export function daysAhead(days: number, hour: number, timeZone: string, now = new Date()): string {
  const day = new Date(`${wallTime(now, timeZone).slice(0, 10)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return `${day.toISOString().slice(0, 10)}T${String(hour).padStart(2, "0")}:00`;
}

/** Days until the next Monday, at least one. */
export function daysToMonday(timeZone: string, now = new Date()): number {
  const weekday = new Date(`${wallTime(now, timeZone).slice(0, 10)}T00:00:00Z`).getUTCDay();
  return ((8 - weekday) % 7) + (weekday === 1 ? 7 : 0);
}
