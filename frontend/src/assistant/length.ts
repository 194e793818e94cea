const LONGEST = 4_000;
const TOLD_FROM = 3_500;

/** Characters as the server counts them: an emoji is one. */
const lengthOf = (text: string): number => [...text.trim()].length;

const number = (value: number): string => value.toLocaleString("en");

export const isTooLong = (text: string): boolean => lengthOf(text) > LONGEST;

/** How long it is, where that is near to too long; otherwise null. */
export function lengthWords(text: string): string | null {
  const length = lengthOf(text);
  if (length < TOLD_FROM) return null;
  const told = `${number(length)} of ${number(LONGEST)} characters`;
  return length > LONGEST ? `${told}: shorten it to send it` : told;
}
