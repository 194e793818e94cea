import { answer, api, type Schemas } from "@/api/client";
import type { Service } from "./routes";

export type Letter = Schemas["DeadLetter"];
export type OpenedLetter = Schemas["OpenedDeadLetter"];

interface Letters {
  list: (cursor: string | undefined, signal: AbortSignal) => Promise<Schemas["Page_DeadLetter_"]>;
  open: (id: string, signal: AbortSignal) => Promise<OpenedLetter>;
  replay: (id: string) => Promise<unknown>;
  drop: (id: string) => Promise<unknown>;
}

const path = (dead_letter_id: string) => ({ path: { dead_letter_id } });

/** What could not be applied, by the service that put it aside: both speak the same. */
export const LETTERS: Record<Service, Letters> = {
  ingestion: {
    list: (cursor, signal) =>
      answer(api.GET("/api/v1/dead-letters", { params: { query: { cursor, limit: 100 } }, signal })),
    open: (id, signal) =>
      answer(api.GET("/api/v1/dead-letters/{dead_letter_id}", { params: path(id), signal })),
    replay: (id) => answer(api.POST("/api/v1/dead-letters/{dead_letter_id}/replay", { params: path(id) })),
    drop: (id) => answer(api.DELETE("/api/v1/dead-letters/{dead_letter_id}", { params: path(id) })),
  },
  campaigns: {
    list: (cursor, signal) =>
      answer(
        api.GET("/api/v1/operations/dead-letters", { params: { query: { cursor, limit: 100 } }, signal }),
      ),
    open: (id, signal) =>
      answer(api.GET("/api/v1/operations/dead-letters/{dead_letter_id}", { params: path(id), signal })),
    replay: (id) =>
      answer(api.POST("/api/v1/operations/dead-letters/{dead_letter_id}/replay", { params: path(id) })),
    drop: (id) =>
      answer(api.DELETE("/api/v1/operations/dead-letters/{dead_letter_id}", { params: path(id) })),
  },
};

export const lettersKey = (service: Service) => ["operations", "dead-letters", service] as const;
