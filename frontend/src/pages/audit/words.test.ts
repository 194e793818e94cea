import { expect, it } from "vitest";
import { deed, details } from "./words";

it("says what was done", () => {
  expect(deed("campaign.launched")).toBe("Launched a campaign");
  expect(deed("api_key.revoked")).toBe("Revoked an API key");
  expect(deed("person.role_changed")).toBe("Changed the role of a person");
  expect(deed("thing.un_heard_of")).toBe("Un heard of a thing");
});

it("leaves out details that say nothing", () => {
  expect(details({ name: "Diwali", everywhere: false, before: null, fields: ["name", "send_at"] })).toBe(
    "Diwali, fields: name and send at",
  );
  expect(details({ role: "marketer", email: "a@b.example" })).toBe("a@b.example, role: Marketer");
  expect(details({ everywhere: true })).toBe("everywhere: yes");
});
