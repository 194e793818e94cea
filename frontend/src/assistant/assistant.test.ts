import { describe, expect, it } from "vitest";
import { isTooLong, lengthWords } from "./length";
import { blocks, inlines } from "./markdown";
import { type Card, continued, type Item, isMoreDone, statusOf, stopped } from "./model";
import { EventReader } from "./sse";

const item = (id: string, kind: Item["kind"], text = ""): Item => ({
  id,
  kind,
  text,
  stopped: false,
  card: null,
});

const card = (id: string, title: string, state: Card["state"]): Item => ({
  ...item(id, "card"),
  card: { title, action: "Do it", facts: [], texts: [], state, outcome: "", link: null },
});

describe("what the assistant tells", () => {
  it("is read although it comes in pieces, with comments between", () => {
    const reader = new EventReader();
    expect(reader.read('event: delta\ndata: {"id":"1",')).toEqual([]);
    expect(reader.read('"text":"a"}\n\n: still here\n\nevent: end\ndata: {}\n\n')).toEqual([
      { event: "delta", data: { id: "1", text: "a" } },
      { event: "end", data: {} },
    ]);
  });
  it("adds items, replaces those that changed, and lengthens texts", () => {
    const first = continued([], { event: "item", data: item("1", "assistant", "He") });
    const longer = continued(first, { event: "delta", data: { id: "1", text: "llo" } });
    expect(longer.map(({ text }) => text)).toEqual(["Hello"]);
    const changed = continued(longer, { event: "item", data: item("1", "assistant", "Bye") });
    expect(changed.map(({ text }) => text)).toEqual(["Bye"]);
  });
  it("is marked where it was stopped, unless nothing was being said", () => {
    expect(stopped([item("1", "person"), item("2", "assistant")]).map((each) => each.stopped)).toEqual([
      false,
      true,
    ]);
    expect(stopped([item("1", "person")])[0]?.stopped).toBe(false);
  });
});

describe("where a conversation stands", () => {
  it("is told in words: thinking, under way, what waits", () => {
    const waiting = card("1", "Create a segment", "waiting");
    expect(statusOf([item("0", "person")], true)).toBe("Thinking…");
    expect(statusOf([waiting], false)).toBe("Waiting for your decision: Create a segment");
    expect(statusOf([waiting, card("2", "Launch a campaign", "waiting")], false)).toBe(
      "2 wait for your decision: Create a segment, Launch a campaign",
    );
    expect(statusOf([card("1", "Create a segment", "doing")], true)).toBe("Under way: Create a segment");
    expect(statusOf([card("1", "Create a segment", "done")], false)).toBe("");
  });
  it("is new to other pages once something was done that was not before", () => {
    const done = card("1", "Create a segment", "done");
    expect(isMoreDone([card("1", "Create a segment", "doing")], [done])).toBe(true);
    expect(isMoreDone([], [done])).toBe(true);
    expect(isMoreDone([done], [done, item("2", "assistant")])).toBe(false);
  });
});

describe("the length of what is written", () => {
  it("is told when it is near to too long, counted as the server does", () => {
    expect(lengthWords("a".repeat(3_499))).toBeNull();
    expect(lengthWords("a".repeat(3_500))).toBe("3,500 of 4,000 characters");
    expect(lengthWords("a".repeat(4_001))).toBe("4,001 of 4,000 characters: shorten it to send it");
    expect(isTooLong("😀".repeat(4_000))).toBe(false);
    expect(isTooLong(`  ${"a".repeat(4_000)}\n`)).toBe(false);
    expect(isTooLong("a".repeat(4_001))).toBe(true);
  });
});

describe("light Markdown", () => {
  it("has paragraphs, headings, lists and code", () => {
    const text = "Hello\nthere\n\n## Numbers\n- **12** sent\n- `x`\n\n1. first\n\n2. second\n```\na < b\n```";
    expect(blocks(text).map(({ kind }) => kind)).toEqual(["paragraph", "heading", "list", "list", "code"]);
    expect(blocks(text)[3]).toEqual({
      kind: "list",
      ordered: true,
      items: [[{ kind: "text", text: "first" }], [{ kind: "text", text: "second" }]],
    });
  });
  it("leaves tags as text", () => {
    expect(inlines("<img src=x onerror=alert(1)>")).toEqual([
      { kind: "text", text: "<img src=x onerror=alert(1)>" },
    ]);
  });
  it("links to pages of its own", () => {
    const id = "0190b2d4-6f1a-7c3e-8a55-0123456789ab";
    const lists = ["/dashboard", "/customers", "/segments", "/campaigns", "/campaignStats"];
    const single = [`/customers/${id}`, `/segments/${id}`, `/campaigns/${id}`];
    for (const href of [...lists, ...single])
      expect(inlines(`[it](${href})`)).toEqual([{ kind: "link", text: "it", href }]);
  });
  it("links to nowhere else, also not in a roundabout way", () => {
    const id = "0190b2d4-6f1a-7c3e-8a55-0123456789ab";
    for (const href of [
      "https://evil.example",
      "//evil.example",
      "javascript:alert(1)",
      "/auth/start",
      "/campaigns/../c/token",
      "/campaigns/..%2fc/token",
      "/campaigns/%2e%2e/c/token",
      "/campaigns//evil.example",
      "/campaigns/1-a",
      "/campaigns/",
      `/campaigns/${id}/../../c/token`,
      `/campaigns/${id}?next=//evil.example`,
      `/dashboard/${id}`,
      "/campaigns\\..\\c",
    ]) {
      const parts = inlines(`[it](${href})`);
      expect(parts.every(({ kind }) => kind === "text")).toBe(true);
      expect(parts.map(({ text }) => text).join("")).toBe(`[it](${href})`);
    }
  });
});
