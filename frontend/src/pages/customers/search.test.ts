import { describe, expect, it } from "vitest";
import { customerSearch, customersSearch } from "./search";

const RULES = { combinator: "and", rules: [{ field: "total_orders", operator: "=", value: 1 }] };

describe("the address of the list of customers", () => {
  it("keeps words, order and rule", () => {
    const search = { q: "asha", sort: "-total_spend", rules: RULES };
    expect(customersSearch(search)).toEqual(search);
  });
  it("takes a number for words", () => {
    expect(customersSearch({ q: 98765 }).q).toBe("98765");
  });
  it("leaves out what goes without saying, and what is no rule or order", () => {
    expect(customersSearch({ q: "", sort: "-created_at", rules: { combinator: "and", rules: [] } })).toEqual(
      {},
    );
    expect(customersSearch({ sort: "shoe_size", rules: "x" })).toEqual({});
    expect(customersSearch({ rules: { combinator: "xor", rules: [] } })).toEqual({});
    expect(customersSearch({ rules: { combinator: "or", rules: [{ field: 1 }] } })).toEqual({});
  });
});

describe("the address of a customer", () => {
  it("knows its tabs", () => {
    expect(customerSearch({ tab: "orders" })).toEqual({ tab: "orders" });
    expect(customerSearch({ tab: "timeline" })).toEqual({});
    expect(customerSearch({ tab: "shoes" })).toEqual({});
  });
});
