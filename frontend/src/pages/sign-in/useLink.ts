import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Problem, problemOf, unreachable } from "@/api/problem";
import { keepSession, type Session, sessionQuery } from "@/api/session";

/** The token of a one-time link: in the fragment, which no server ever sees. */
function tokenOfAddress(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("link");
}

async function enter(token: string): Promise<Session> {
  const response = await fetch("/auth/link", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  }).catch(() => {
    throw unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  return keepSession(await response.json());
}

/** Signs in with the link of the address, if there is one; `onEntered` when that has worked. */
export function useLink(onEntered: () => void): { entering: boolean; error: unknown } {
  const client = useQueryClient();
  const [token] = useState(tokenOfAddress);
  const { mutate, isPending, error } = useMutation({
    mutationFn: enter,
    // Not tried again: a link works once.
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onEntered();
    },
  });
  useEffect(() => {
    if (!token || taken.has(token)) return;
    taken.add(token);
    history.replaceState(history.state, "", location.pathname + location.search);
    mutate(token);
  }, [token, mutate]);
  const used = error instanceof Problem && error.status === 401;
  return { entering: isPending, error: used ? linkUsed : error };
}

const taken = new Set<string>();

const linkUsed = new Problem(
  401,
  "This link does not work any more",
  "It works once, for 15 minutes. Make another in a terminal: xencrm sign-in-link",
);
