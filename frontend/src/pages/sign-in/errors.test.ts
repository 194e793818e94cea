import { expect, it } from "vitest";
import { localPath } from "./errors";

it.each(["/customers?q=asha&sort=name", "/campaigns/0199", "/"])("goes on to %s", (next) => {
  expect(localPath(next)).toBe(next);
});

it.each([
  undefined,
  "",
  "https://elsewhere.example",
  "//elsewhere.example",
  "/\\elsewhere.example",
  "javascript:alert(1)",
  "/a b",
])("goes nowhere else: %s", (next) => {
  expect(localPath(next)).toBe("/dashboard");
});
