/** A mail's HTML as it can be shown: it runs nothing, loads nothing and leads nowhere. */

const FORBIDDEN = "script, link, meta, base, iframe, object, embed, form, video, audio, source, noscript";
const ADDRESSES = /url\([^)]*\)/gi;
const FRAME = `<style>
  html { color-scheme: light; background: #fff; }
  body { margin: 16px; font: 15px/1.5 system-ui, sans-serif; color: #1b1f27; overflow-wrap: anywhere; }
  img { max-width: 100%; }
  .x-picture { display: inline-block; padding: 6px 10px; border: 1px dashed #aab1be; border-radius: 6px;
    color: #5d6677; font: 12px/1.4 system-ui, sans-serif; }
</style>`;

const isHere = (address: string): boolean => address.startsWith("data:image/");

function asPlaceholder(image: HTMLImageElement, page: Document): HTMLElement {
  const placeholder = page.createElement("span");
  placeholder.className = "x-picture";
  placeholder.textContent = image.alt ? `Picture: ${image.alt}` : "Picture";
  return placeholder;
}

/** Remote pictures are named instead of loaded; the dot that says a mail was opened is left out. */
export function safeHtml(html: string): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const element of page.querySelectorAll(FORBIDDEN)) element.remove();
  for (const image of page.querySelectorAll("img")) {
    if (isHere(image.getAttribute("src") ?? "")) continue;
    if (image.getAttribute("width") === "1") image.remove();
    else image.replaceWith(asPlaceholder(image, page));
  }
  for (const element of page.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      if (name.startsWith("on") || name === "srcset" || name === "background") element.removeAttribute(name);
      if (name === "style" && /url\(/i.test(value))
        element.setAttribute("style", value.replace(ADDRESSES, "none"));
    }
  }
  for (const style of page.querySelectorAll("style")) {
    style.textContent = (style.textContent ?? "").replace(ADDRESSES, "none").replace(/@import[^;]*;?/gi, "");
  }
  for (const link of page.querySelectorAll("a[href], area[href]")) {
    link.setAttribute("title", link.getAttribute("href") ?? "");
    link.setAttribute("href", "#");
  }
  page.head.insertAdjacentHTML("afterbegin", FRAME);
  return `<!doctype html>${page.documentElement.outerHTML}`;
}
