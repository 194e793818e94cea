import { expect, it } from "vitest";
import { bucketed } from "./series";

const days = (many: number) =>
  Array.from({ length: many }, (_, index) => ({ day: `day ${index}`, orders: index }));
const sum = (each: readonly { orders: number }[]) => ({
  orders: each.reduce((total, { orders }) => total + orders, 0),
});

it("keeps days while they can be told apart", () => {
  expect(bucketed(days(3), sum)).toEqual([
    { day: "day 0", days: 1, orders: 0 },
    { day: "day 1", days: 1, orders: 1 },
    { day: "day 2", days: 1, orders: 2 },
  ]);
});

it("joins a year into weeks that end today, and loses nothing", () => {
  const weeks = bucketed(days(365), sum);
  expect(weeks).toHaveLength(53);
  expect(weeks[0]).toEqual({ day: "day 0", days: 1, orders: 0 });
  expect(weeks.at(-1)).toMatchObject({ day: "day 358", days: 7 });
  expect(sum(weeks)).toEqual(sum(days(365)));
});

it("has nothing to draw without days", () => {
  expect(bucketed([], sum)).toEqual([]);
});
