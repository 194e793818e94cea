import { describe, expect, it } from "vitest";
import { blocks, inlines } from "./markdown";
import { continued, type Item, stopped } from "./model";
import { EventReader } from "./sse";

const item = (id: string, kind: Item["kind"], text = ""): Item => ({
  id,
  kind,
  text,
  stopped: false,
  card: null,
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
  it("links to pages of its own and nowhere else", () => {
    expect(inlines("[it](/campaigns/1-a)")[0]).toEqual({ kind: "link", text: "it", href: "/campaigns/1-a" });
    for (const href of ["https://evil.example", "//evil.example", "javascript:alert(1)", "/auth/start"]) {
      const parts = inlines(`[it](${href})`);
      expect(parts.every(({ kind }) => kind === "text")).toBe(true);
      expect(parts.map(({ text }) => text).join("")).toBe(`[it](${href})`);
    }
  });
});
