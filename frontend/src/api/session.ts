import { queryOptions, useQuery } from "@tanstack/react-query";
import type { RoleName } from "@/words/labels";
import { problemOf, unreachable } from "./problem";
import type { components } from "./schema";

export type Session = components["schemas"]["ShownSession"];
export type Installation = components["schemas"]["Installation"];

/** The token that unsafe requests carry; of the newest session that was read. */
let csrfToken: string | null = null;

export const currentCsrfToken = (): string | null => csrfToken;

let underWay: Promise<Session> | null = null;

/** Reads the session, which also renews its cookie; several who ask at once share one request. */
export function readSession(): Promise<Session> {
  underWay ??= ask().finally(() => {
    underWay = null;
  });
  return underWay;
}

async function ask(): Promise<Session> {
  const response = await fetch("/api/v1/session").catch(() => {
    throw unreachable();
  });
  if (response.status === 401 && isSignedIn) {
    isSignedIn = false;
    signedOut();
  }
  if (!response.ok) throw await problemOf(response);
  return keepSession(await response.json());
}

let isSignedIn = false;
let signedOut: () => void = () => {};

/** What happens when a session that was there is over: it ended elsewhere, or by itself. */
export function onSignedOut(act: () => void): void {
  signedOut = act;
}

/** Of an answer that begins a session. */
export function keepSession(session: Session): Session {
  csrfToken = session.csrf_token;
  isSignedIn = true;
  return session;
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: readSession,
  staleTime: 60_000,
  refetchOnWindowFocus: "always",
});

const UNKNOWN: Installation = {
  name: "XenCRM",
  currency: "INR",
  time_zone: "UTC",
  version: "",
  can_track: false,
  launch_needs_plan: false,
  assistant: false,
};

export function useSession(): Session | undefined {
  return useQuery(sessionQuery).data;
}

export function useInstallation(): Installation {
  return useSession()?.installation ?? UNKNOWN;
}

const RANK: Record<RoleName, number> = { ingest: 0, viewer: 1, marketer: 2, admin: 3 };

/** Whether the person who is signed in has this role or a higher one. */
export function useCan(role: RoleName): boolean {
  const session = useSession();
  return session !== undefined && RANK[session.person.role] >= RANK[role];
}
