import type { Schemas } from "@/api/client";
import type { Service } from "./routes";

/** What moves through each queue. */
const WORDS: Record<string, string> = {
  customer_queue: "Customers coming in",
  order_queue: "Orders coming in",
  customer_mv_queue: "Customers into profiles",
  order_mv_queue: "Orders into profiles",
  receipt_queue: "Receipts of messages",
  access_queue: "People and keys",
  audit_queue: "Notes for the audit log",
  outbox: "On the way out",
};

export interface QueueRow {
  key: string;
  name: string;
  code: string;
  service: Service;
  /** Batches that wait; null where that is not known. */
  frames: number | null;
  /** Age of the oldest; null where that is not known. */
  lagS: number | null;
}

export function queueName(code: string): string {
  const [base, part] = code.split(".");
  const name = WORDS[base ?? code] ?? code;
  return part === undefined ? name : `${name}, part ${Number(part) + 1}`;
}

/** One row a queue: how much waits is known by Campaigns, how long by who reads it. */
export function queueRows(
  campaigns: Schemas["Operations"] | undefined,
  ingestion: Schemas["IngestionOperations"] | undefined,
): QueueRow[] {
  const frames = new Map(campaigns?.queues.map((queue) => [queue.name, queue.frames]));
  const rows = [
    ...told("ingestion", ingestion?.lag_s, frames),
    ...told("campaigns", campaigns?.lag_s, frames),
  ];
  const named = new Set(rows.map(({ code }) => code));
  const silent = [...frames].filter(([code]) => !named.has(code));
  const all = [...rows, ...silent.map(([code, waiting]) => row(reader(code), code, waiting, null))];
  return all.sort(inOrder);
}

function told(
  service: Service,
  lags: Record<string, number> | undefined,
  frames: Map<string, number>,
): QueueRow[] {
  return Object.entries(lags ?? {}).map(([code, lagS]) => row(service, code, frames.get(code) ?? null, lagS));
}

function row(service: Service, code: string, frames: number | null, lagS: number | null): QueueRow {
  return { key: `${service} ${code}`, name: queueName(code), code, service, frames, lagS };
}

const READ_BY_INGESTION = new Set(["customer_queue", "order_queue", "access_queue"]);
const ORDER = Object.keys(WORDS);

const reader = (code: string): Service =>
  READ_BY_INGESTION.has(code.split(".")[0] ?? code) ? "ingestion" : "campaigns";

function inOrder(one: QueueRow, other: QueueRow): number {
  const place = ({ code }: QueueRow) => ORDER.indexOf(code.split(".")[0] ?? code);
  return place(one) - place(other) || one.key.localeCompare(other.key);
}
