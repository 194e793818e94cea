import { expect, it } from "vitest";
import { safeHtml } from "./safeHtml";

it("runs nothing", () => {
  const html = safeHtml(
    '<p onclick="alert(1)">Hi</p><script>alert(1)</script><base href="https://evil.example">',
  );
  expect(html).toContain("<p>Hi</p>");
  expect(html).not.toMatch(/alert|evil/);
});

it("loads nothing", () => {
  const html = safeHtml(
    '<style>@import "https://a.example/x.css"; p { background: url(https://b.example/p.png) }</style>' +
      '<img src="https://c.example/i.png" alt="Our shop" srcset="https://c.example/2.png 2x">' +
      '<img src="https://c.example/dot.gif" width="1" height="1">' +
      '<td background="https://d.example/x.png" style="background:url(\'https://e.example/y.png\')">x</td>',
  );
  expect(html).toContain("Picture: Our shop");
  expect(html).not.toMatch(/[a-e]\.example/);
});

it("shows pictures that it has within itself", () => {
  expect(safeHtml('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">')).toContain("data:image/gif");
});

it("says where links lead without leading there", () => {
  const html = safeHtml('<a href="https://shop.example/sale">Sale</a>');
  expect(html).toContain('title="https://shop.example/sale"');
  expect(html).toContain('href="#"');
});
