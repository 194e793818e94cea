import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Rule } from "@/rules/rule";

const EVERYONE: Rule = { combinator: "and", rules: [] };

/** How many customers a rule matches, and what it is in words. */
export const countAndWords = (rules: Rule = EVERYONE) =>
  queryOptions({
    queryKey: ["segments", "words", rules],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/segments/preview", { body: { rules: rules as never, sample: 0 }, signal })),
    staleTime: 20_000,
  });
