import createClient from "openapi-fetch";
import { problemIn, unreachable } from "./problem";
import type { components, paths } from "./schema";
import { currentCsrfToken, readSession } from "./session";

/** The bodies of the API by name: `Schemas["ShownCampaign"]`. */
export type Schemas = components["schemas"];

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function prepared(request: Request): Request {
  if (SAFE.has(request.method)) return request;
  const token = currentCsrfToken();
  const headers = new Headers(request.headers);
  if (token !== null) headers.set("x-csrf-token", token);
  // A delete that is sent while the page goes away still arrives.
  return new Request(request, { headers, keepalive: request.method === "DELETE" });
}

async function send(request: Request): Promise<Response> {
  try {
    return await fetch(prepared(request));
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw unreachable();
  }
}

/** An expired token is renewed by reading the session; then the request goes out once more. */
export async function sendRenewing(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await send(request);
  if (response.status !== 401) return response;
  const renewed = await readSession().then(
    () => true,
    () => false,
  );
  return renewed ? send(again) : response;
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? "", fetch: sendRenewing });

/** The body of a good answer; throws a `Problem` otherwise. */
export async function answer<T>(
  sent: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Exclude<T, undefined>> {
  const { data, error, response } = await sent;
  if (!response.ok) throw problemIn(response, error);
  return data as Exclude<T, undefined>;
}
