import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { answer, api } from "./client";
import { Problem } from "./problem";
import { onSignedOut, readSession } from "./session";

type Asked = { method: string; path: string; csrf: string | null };

let asked: Asked[];
let answers: Record<string, Response[]>;

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

const session = (token: string) => json({ csrf_token: token });

beforeEach(() => {
  asked = [];
  answers = {};
  vi.stubGlobal("fetch", async (input: RequestInfo, init?: RequestInit) => {
    const request = new Request(typeof input === "string" ? new URL(input, location.href) : input, init);
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    asked.push({ method: request.method, path, csrf: request.headers.get("x-csrf-token") });
    const next = answers[path]?.shift();
    if (!next) throw new TypeError("connection refused");
    return next;
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  onSignedOut(() => {});
});

const segments = () => answer(api.GET("/api/v1/segments"));

it("gives the body of a good answer", async () => {
  answers["/segments"] = [json({ items: [], next_cursor: null })];
  expect(await segments()).toEqual({ items: [], next_cursor: null });
});

it("renews an expired session once and asks again", async () => {
  answers["/segments"] = [json({}, 401), json({ items: [], next_cursor: null })];
  answers["/session"] = [session("new")];
  await segments();
  expect(asked.map(({ path }) => path)).toEqual(["/segments", "/session", "/segments"]);
});

it("says once that nobody is signed in when the session is over", async () => {
  const out = vi.fn();
  onSignedOut(out);
  answers["/segments"] = [json({ detail: "no usable key" }, 401), json({}, 401)];
  answers["/session"] = [session("old"), json({}, 401), json({}, 401)];
  await readSession();
  await expect(segments()).rejects.toMatchObject({ status: 401 });
  await expect(segments()).rejects.toMatchObject({ status: 401 });
  expect(out).toHaveBeenCalledOnce();
});

it("does not take a service that is away for the end of a session", async () => {
  const out = vi.fn();
  onSignedOut(out);
  answers["/segments"] = [json({}, 401)];
  answers["/session"] = [session("old"), json({}, 503)];
  await readSession();
  await expect(segments()).rejects.toMatchObject({ status: 401 });
  expect(out).not.toHaveBeenCalled();
});

it("sends the token of the session with what changes something, also of the renewed one", async () => {
  answers["/session"] = [session("first"), session("second")];
  await readSession();
  answers["/api-keys/k"] = [json({}, 401), new Response(null, { status: 204 })];
  await answer(api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: "k" } } }));
  expect(asked.map(({ method, csrf }) => `${method} ${csrf}`)).toEqual([
    "GET null",
    "DELETE first",
    "GET null",
    "DELETE second",
  ]);
});

it("reads problems with their fields and how long to wait", async () => {
  answers["/segments"] = [
    json({ detail: "try again", errors: [{ field: "name", message: "is taken" }] }, 503, {
      "retry-after": "2",
    }),
  ];
  const problem: Problem = await segments().then(
    () => expect.fail("no problem"),
    (error) => error,
  );
  expect(problem).toBeInstanceOf(Problem);
  expect(problem).toMatchObject({ status: 503, retryAfterS: 2, passes: true });
  expect(problem.detail).toContain("a few seconds");
  expect(problem.byField).toEqual({ name: "is taken" });
});

it("calls a connection that fails a problem that passes", async () => {
  await expect(segments()).rejects.toMatchObject({ status: 0, passes: true });
});
