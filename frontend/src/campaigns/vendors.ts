/** What vendors are called on the screen. */

const NAMES: Record<string, string> = {
  simulator: "Simulator",
  smtp: "E-mail server",
  webhook: "Your own service",
};

const TEXTS: Record<string, string> = {
  simulator: "Answers like a real vendor and writes to nobody. For trying things out.",
  smtp: "E-mails through your mail server.",
  webhook: "Hands each message to a service of yours, which sends it on.",
};

const WITHIN: Record<string, string> = {
  simulator: "the simulator",
  smtp: "your e-mail server",
  webhook: "your own service",
};

/** Within a sentence: "by the simulator". */
export const vendorWithin = (name: string): string => WITHIN[name] ?? name;

export const vendorName = (name: string): string => NAMES[name] ?? name;
export const vendorText = (name: string): string => TEXTS[name] ?? "";
