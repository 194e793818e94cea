import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { safeHtml } from "./safeHtml";

interface Props {
  html: string;
  title: string;
  maxHeight?: number;
}

const LEAST = 120;

/** A mail's HTML, shut in: it may run no scripts, and its height is read from outside. */
export function HtmlFrame({ html, title, maxHeight = 640 }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState(LEAST);
  const safe = useMemo(() => safeHtml(html), [html]);
  const measure = useCallback(() => {
    const body = frame.current?.contentDocument?.body;
    if (body) setHeight(Math.min(Math.max(body.scrollHeight + 32, LEAST), maxHeight));
  }, [maxHeight]);
  useEffect(() => {
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, [measure]);
  return (
    <iframe
      ref={frame}
      title={title}
      sandbox="allow-same-origin"
      srcDoc={safe}
      onLoad={measure}
      style={{
        display: "block",
        width: "100%",
        height,
        border: 0,
        borderRadius: "var(--mantine-radius-md)",
        background: "#fff",
        colorScheme: "light",
      }}
    />
  );
}
