import { describe, expect, it } from "vitest";
import type { Customer } from "../requests";
import { type Correction, correctionOf, objections, patchOf } from "./correction";
import { itemsText } from "./items";

const CUSTOMER = {
  customer_id: "1",
  name: "Asha Rao",
  email: "asha@shop.example",
  phone: null,
  status: "ACTIVE",
  opening_total_spend: "120.50",
  opening_total_visits: 3,
  attributes: { city: "Pune", points: 7, vip: true, gone: null },
} as unknown as Customer;

const corrected = (change: Partial<Correction>) =>
  patchOf(CUSTOMER, { ...correctionOf(CUSTOMER), ...change });

describe("a correction", () => {
  it("sends nothing when nothing differs", () => {
    expect(corrected({})).toEqual({});
    expect(corrected({ opening_spend: "120.5", email: " ASHA@shop.example " })).toEqual({});
  });
  it("sends only what differs", () => {
    expect(corrected({ name: "Asha R", phone: "+91 1" })).toEqual({ name: "Asha R", phone: "+91 1" });
    expect(corrected({ opening_visits: "" })).toEqual({ total_visits: 0 });
  });
  it("keeps the types of attributes, and empties those that are removed or blank", () => {
    const [city, points, vip] = correctionOf(CUSTOMER).attributes;
    if (!city || !points || !vip) throw new Error("attributes");
    expect(
      corrected({
        attributes: [
          { ...city, value: "" },
          { ...points, value: "1,200" },
        ],
      }),
    ).toEqual({
      attributes: { city: null, points: 1200, vip: null },
    });
    expect(corrected({ attributes: [city, points, { ...vip, value: "false" }] })).toEqual({
      attributes: { vip: false },
    });
  });
  it("takes a number as text when that is what is chosen", () => {
    const attributes = correctionOf(CUSTOMER).attributes.map((each) => ({ ...each, type: "text" as const }));
    expect(corrected({ attributes })).toEqual({ attributes: { points: "7", vip: "true" } });
  });
  it("does not accept half of it", () => {
    const form = correctionOf(CUSTOMER);
    const extra = { id: "n", key: "city", type: "text", value: "x", isNew: true } as const;
    expect(objections({ ...form, name: " ", email: "asha" })).toEqual({
      name: "Enter a name.",
      email: "Enter an e-mail address.",
    });
    expect(objections({ ...form, attributes: [...form.attributes, extra] })).toEqual({
      n: "There is another of this name.",
    });
    expect(objections({ ...form, attributes: [{ ...extra, key: "", value: "x" }] })).toEqual({
      n: "Enter a name for it.",
    });
    expect(objections({ ...form, attributes: [{ ...extra, type: "number", value: "seven" }] })).toEqual({
      n: "Enter a number.",
    });
  });
});

describe("items of an order", () => {
  it("are named where they have names", () => {
    expect(itemsText([{ name: "Tea", quantity: 2 }, { sku: "cup-1" }, "Spoon"])).toBe(
      "2 × Tea, cup-1, Spoon",
    );
  });
  it("are counted where they have none", () => {
    expect(itemsText([{ price: 3 }, { name: "Tea" }])).toBe("2 items");
    expect(itemsText([{ price: 3 }])).toBe("1 item");
    expect(itemsText(null)).toBe("");
  });
});
