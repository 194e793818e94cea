import { locale } from "./locale";

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);

/** 12.4K: for axes and narrow places, never for a figure that is compared. */
export const shortCount = (value: number): string => short.format(value);

/** Percent as the API says it: 93.5 is 93.5 %. */
export function percent(value: number, digits = 1): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(
    value / 100,
  );
}

/** "1 order", "2 orders", "1 person", "2 people". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** How much `now` is above `before`, in percent; null when there was nothing before. */
export function changePercent(now: number, before: number): number | null {
  return before === 0 ? null : ((now - before) / before) * 100;
}
