import { expect, it } from "vitest";
import { queueName, queueRows } from "./queues";

const campaigns = {
  service: "campaigns",
  version: "1",
  broker: "ok",
  dead_letters: 0,
  queues: [
    { name: "customer_queue", frames: 3 },
    { name: "receipt_queue", frames: 2 },
  ],
  lag_s: { receipt_queue: 1.5, outbox: 0 },
};

const ingestion = {
  service: "ingestion",
  version: "1",
  broker: "ok",
  dead_letters: 0,
  lag_s: { customer_queue: 9 },
  waiting_orders: 0,
  waiting_orders_oldest_s: 0,
};

it("joins how much waits with how long, whoever knows it", () => {
  expect(queueRows(campaigns, ingestion).map(({ code, frames, lagS }) => [code, frames, lagS])).toEqual([
    ["customer_queue", 3, 9],
    ["receipt_queue", 2, 1.5],
    ["outbox", null, 0],
  ]);
});

it("shows queues of a service that is away", () => {
  expect(queueRows(campaigns, undefined).map(({ code }) => code)).toContain("customer_queue");
});

it("names the parts of a divided queue", () => {
  expect(queueName("customer_queue.0")).toBe("Customers coming in, part 1");
  expect(queueName("something_new")).toBe("something_new");
});
