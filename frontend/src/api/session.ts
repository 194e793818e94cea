import { queryOptions, useQuery } from "@tanstack/react-query";
import type { RoleName } from "@/words/labels";
import { problemOf, unreachable } from "./problem";

export interface Person {
  person_id: string;
  name: string;
  email: string;
  role: RoleName;
}

export interface Installation {
  name: string;
  currency: string;
  time_zone: string;
  version: string;
  can_track: boolean;
}

export interface Session {
  person: Person;
  csrf_token: string | null;
  expires_at: string | null;
  installation: Installation;
}

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
  if (!response.ok) throw await problemOf(response);
  const session: Session = await response.json();
  csrfToken = session.csrf_token;
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
