import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { emptyForm } from "../form";
import { PlainWords } from "./PlainWords";

const RULES = { combinator: "and", rules: [{ field: "total_spend", operator: ">", value: 5000 }] };
const PARSED = {
  rules: RULES,
  words: "Customers who have spent more than 5,000.",
  understood: [
    { text: "spent over 5k", words: "who have spent more than 5,000", path: "rules[0]", notes: [] },
  ],
  left_out: [{ text: "love dogs", why: "not understood" }],
  hint: null,
};
const RULED = { rules: RULES, words: "Customers who have spent more than 5,000.", left_out: ["dogs"] };

let asked: string[];
let ofAssistant: Response[];

const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    asked.push(pathname);
    return pathname === "/assistant/rule" ? ofAssistant.shift() : json(PARSED);
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Builder() {
  const [form, setForm] = useState(emptyForm);
  return (
    <>
      <PlainWords form={form} onChange={setForm} fields={[]} />
      <p title="Conditions">{form.rules.length}</p>
    </>
  );
}

function open(assistant = true) {
  const client = new QueryClient();
  client.setQueryData(["session"], { installation: { currency: "INR", assistant }, person: {} });
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <Builder />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const write = (text: string) =>
  fireEvent.change(screen.getByLabelText("Describe who you want to reach"), { target: { value: text } });

const press = async (name: string) => fireEvent.click(await screen.findByRole("button", { name }));

async function letAssistantRead() {
  write("spent over 5k and love dogs");
  await press("Build the rule");
  await press("Let the assistant read it");
}

it("asks the assistant again after it failed, says why it did, and keeps what the rules left out", async () => {
  ofAssistant = [json({ detail: "The model took too long." }, 429), json(RULED)];
  open();
  await letAssistantRead();
  expect(await screen.findByText("The model took too long.")).toBeTruthy();
  expect(screen.getByText("“love dogs”")).toBeTruthy();
  await press("Try again");
  expect(await screen.findByText("“dogs”")).toBeTruthy();
  expect(asked.filter((path) => path !== "/api/v1/session")).toEqual([
    "/api/v1/segments/parse",
    "/assistant/rule",
    "/assistant/rule",
  ]);
});

it("shows what the assistant and what the rules alone had left out, also after an undo", async () => {
  ofAssistant = [json(RULED)];
  open();
  await letAssistantRead();
  expect(await screen.findByText("“dogs”")).toBeTruthy();
  expect(screen.getByText("The rules alone had left out: “love dogs”.")).toBeTruthy();
  await press("Undo");
  expect(await screen.findByText("“love dogs”")).toBeTruthy();
  expect(screen.getByRole("status").textContent).toBe("The rule has 1 part; 1 left out.");
});

it("takes no rule for words that were changed meanwhile", async () => {
  let answer = (_: Response) => {};
  ofAssistant = [new Promise<Response>((resolve) => (answer = resolve)) as unknown as Response];
  open();
  await letAssistantRead();
  await press("Undo");
  write("something else");
  answer(json(RULED));
  await new Promise((goOn) => setTimeout(goOn, 50));
  expect(screen.queryByText(/Read by the assistant/)).toBeNull();
  expect(screen.getByTitle("Conditions").textContent).toBe("0");
});

it("refuses what is too long instead of cutting it", () => {
  open();
  write("a".repeat(1_001));
  expect(screen.getByRole("alert").textContent).toContain("1,001 of 1,000 characters");
  expect(screen.getByRole("button", { name: "Build the rule" }).hasAttribute("disabled")).toBe(true);
});

it("offers no assistant where there is none", async () => {
  open(false);
  write("spent over 5k and love dogs");
  await press("Build the rule");
  expect(await screen.findByText("“love dogs”")).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Let the assistant read it" })).toBeNull();
});
