/** Of Markdown as much as the assistant writes. What is not known stays text: nothing becomes HTML. */

export type Inline =
  | { kind: "text" | "bold" | "code"; text: string }
  | { kind: "link"; text: string; href: string };

export type Block =
  | { kind: "paragraph" | "heading"; content: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "code"; text: string };

const INLINE = /\*\*(.+?)\*\*|`([^`]+)`|\[([^\]]+)\]\(([^)\s]+)\)/g;
/** Pages of this product as they are addressed, and nothing elsewhere: no way around by `..` or `%2e`. */
const PAGE =
  /^\/(dashboard|campaignStats|(customers|segments|campaigns)(\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})?)$/;
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*\d+[.)]\s+(.*)$/;
const HEADING = /^#{1,6}\s+(.*)$/;

export function inlines(text: string): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index) });
    found.push(inlineOf(match));
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at) });
  return found;
}

function inlineOf([whole, bold, code, label, href]: RegExpMatchArray): Inline {
  if (bold !== undefined) return { kind: "bold", text: bold };
  if (code !== undefined) return { kind: "code", text: code };
  if (label !== undefined && href !== undefined && PAGE.test(href))
    return { kind: "link", text: label, href };
  return { kind: "text", text: whole };
}

export function blocks(text: string): Block[] {
  const found: Block[] = [];
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0) found.push({ kind: "paragraph", content: inlines(lines.join("\n")) });
    lines = [];
  };
  const given = text.split("\n");
  for (let at = 0; at < given.length; at++) {
    const line = given[at] ?? "";
    const heading = HEADING.exec(line);
    if (line.startsWith("```")) {
      flush();
      const end = given.findIndex((each, index) => index > at && each.startsWith("```"));
      const until = end === -1 ? given.length : end;
      found.push({ kind: "code", text: given.slice(at + 1, until).join("\n") });
      at = until;
    } else if (heading) {
      flush();
      found.push({ kind: "heading", content: inlines(heading[1] ?? "") });
    } else if (BULLET.test(line) || NUMBER.test(line)) {
      flush();
      listed(found, line);
    } else if (line.trim() === "") {
      flush();
      // An empty line between two points does not end a list: the next point goes on with it.
    } else {
      lines.push(line);
    }
  }
  flush();
  return found;
}

function listed(found: Block[], line: string) {
  const ordered = NUMBER.test(line);
  const content = inlines((ordered ? NUMBER : BULLET).exec(line)?.[1] ?? "");
  const last = found.at(-1);
  if (last?.kind === "list" && last.ordered === ordered) last.items.push(content);
  else found.push({ kind: "list", ordered, items: [content] });
}
