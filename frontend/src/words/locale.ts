/** English as this person writes it, so that dates and digits are grouped the way they expect. */
export const locale: string =
  globalThis.navigator?.languages?.find((language) => language.toLowerCase().startsWith("en")) ?? "en-GB";
