import { queryOptions } from "@tanstack/react-query";
import { problemOf, unreachable } from "@/api/problem";

/** How one can sign in here. */
export interface Ways {
  oidc: { name: string } | null;
  link: boolean;
}

async function askWays(signal: AbortSignal): Promise<Ways> {
  const response = await fetch("/auth/ways", { signal }).catch((error) => {
    throw signal.aborted ? error : unreachable();
  });
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

export const waysQuery = queryOptions({
  queryKey: ["sign-in", "ways"],
  queryFn: ({ signal }) => askWays(signal),
});
