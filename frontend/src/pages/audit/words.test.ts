import { expect, it } from "vitest";
import { deed, details, isGone, shortId } from "./words";

it("says what was done", () => {
  expect(deed("campaign.launched")).toBe("Launched a campaign");
  expect(deed("api_key.revoked")).toBe("Revoked an API key");
  expect(deed("person.role_changed")).toBe("Changed the role of a person");
  expect(deed("thing.un_heard_of")).toBe("Un heard of a thing");
});

it("leaves out details that say nothing", () => {
  expect(
    details({ name: "Diwali", everywhere: false, before: null, fields: ["name", "send_at"] }, "UTC"),
  ).toBe("Diwali, fields: name and send at");
  expect(details({ role: "marketer", email: "a@b.example" }, "UTC")).toBe("a@b.example, role: Marketer");
  expect(details({ everywhere: true }, "UTC")).toBe("everywhere: yes");
});

it("writes times and ids so that people can read them", () => {
  const said = details({ scheduled_at: "2026-11-24T14:31:17.061513Z" }, "Asia/Kolkata");
  expect(said).toMatch(/^scheduled at: .*24.*2026.*(20|8):01/);
  expect(said).not.toContain("T14");
  expect(details({ to_customer: "01a2090b-2f50-7f81-afc1-84f346b6f32a" }, "UTC")).toBe(
    "to customer: …46b6f32a",
  );
  expect(shortId("01a2090b-2f50-7f81-afc1-84f346b6f32a")).toBe("…46b6f32a");
});

it("knows what is no more", () => {
  expect(isGone("segment.deleted")).toBe(true);
  expect(isGone("campaign.archived")).toBe(false);
});
