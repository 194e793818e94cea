import { describe, expect, it } from "vitest";
import { fallbackFor, hasFallback, inserted, lackingWord, variableGroups, withFallback } from "./variables";

describe("variables of a message", () => {
  it("have the attributes that customers have, in words", () => {
    const groups = variableGroups(["city", "shoe size"]);
    const own = groups.find(({ label }) => label === "Attributes");
    expect(own?.variables.map(({ written }) => written)).toEqual([
      "{{ attributes.city }}",
      '{{ attributes["shoe size"] }}',
    ]);
    expect(variableGroups([]).some(({ label }) => label === "Attributes")).toBe(false);
  });

  it("go where the caret is", () => {
    expect(inserted("Hi , bye", "{{ name }}", 3, 3)).toEqual(["Hi {{ name }}, bye", 13]);
    expect(inserted("Hi XXX", "{{ name }}", 3, 6)).toEqual(["Hi {{ name }}", 13]);
  });
});

describe("fallbacks", () => {
  it("count only when every use has one", () => {
    expect(hasFallback(['{{ first_name | default: "there" }}'], "first_name")).toBe(true);
    expect(hasFallback(['{{ first_name | default: "x" }} {{first_name}}'], "first_name")).toBe(false);
    expect(hasFallback(['{{ first_name | default: "x" }}', "{{- first_name -}}"], "first_name")).toBe(false);
    expect(hasFallback(["{{ name }}", null], "first_name")).toBe(false);
  });

  it("are added where there is none, before other filters", () => {
    expect(
      withFallback("{{ attributes.city }} and {{attributes.city|upcase}}", "attributes.city", "town"),
    ).toBe('{{ attributes.city | default: "town" }} and {{ attributes.city | default: "town" |upcase }}');
    const good = '{{ name | default: "there" }}';
    expect(withFallback(good, "name", "you")).toBe(good);
  });

  it("are offered where a word fits", () => {
    expect(fallbackFor("attributes.home_town")).toBe("your home town");
    expect(fallbackFor("total_orders")).toBeNull();
    expect(lackingWord("attributes.city")).toBe("city");
  });
});
