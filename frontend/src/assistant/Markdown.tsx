import { Anchor, Code } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import classes from "./assistant.module.css";
import { type Block, blocks, type Inline } from "./markdown";

interface Props {
  text: string;
  /** Before a link leads to another page. */
  onLeave: () => void;
}

/** Light Markdown as elements; never as HTML. */
export function Markdown({ text, onLeave }: Props) {
  return (
    <div className={classes.markdown}>
      {numbered(blocks(text)).map(([key, block]) => (
        <BlockShown key={key} block={block} onLeave={onLeave} />
      ))}
    </div>
  );
}

/** Parts of a text have no other name than their place. */
const numbered = <T,>(parts: readonly T[]): [string, T][] => parts.map((part, at) => [String(at), part]);

function BlockShown({ block, onLeave }: { block: Block; onLeave: () => void }) {
  if (block.kind === "code") return <Code block>{block.text}</Code>;
  if (block.kind === "list") {
    const List = block.ordered ? "ol" : "ul";
    return (
      <List>
        {numbered(block.items).map(([key, content]) => (
          <li key={key}>
            <Inlines content={content} onLeave={onLeave} />
          </li>
        ))}
      </List>
    );
  }
  const content = <Inlines content={block.content} onLeave={onLeave} />;
  return <p>{block.kind === "heading" ? <b>{content}</b> : content}</p>;
}

function Inlines({ content, onLeave }: { content: readonly Inline[]; onLeave: () => void }) {
  return numbered(content).map(([key, part]) => {
    if (part.kind === "bold") return <b key={key}>{part.text}</b>;
    if (part.kind === "code") return <Code key={key}>{part.text}</Code>;
    if (part.kind === "link") return <PageLink key={key} {...part} onLeave={onLeave} />;
    return <span key={key}>{part.text}</span>;
  });
}

export function PageLink({ text, href, onLeave }: { text: string; href: string; onLeave: () => void }) {
  const router = useRouter();
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onLeave();
    void router.navigate({ href });
  };
  return (
    <Anchor href={href} onClick={go} underline="always" inherit>
      {text}
    </Anchor>
  );
}
