/** What states, roles and reasons are called on the screen. */

const OWN: Record<string, string> = {
  UNCONFIRMED: "Not confirmed",
  SUPPRESSED: "Must not be written to",
  INVALID_EMAIL: "Invalid address",
  EMAIL_BOUNCED: "Bounced",
  SPAM_DETECTED: "Seen as spam",
  RATE_LIMITED: "Sent too fast",
  QUOTA_EXCEEDED: "Quota used up",
  IN_DOUBT: "No answer from the vendor",
  NO_RECEIPT: "No receipt came",
  GIVEN_UP: "Given up",
};

/** TEMPORARY_FAILURE becomes "Temporary failure". */
export function label(code: string): string {
  const words = OWN[code] ?? code.toLowerCase().replaceAll(/[_-]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const ROLES = {
  viewer: "Viewer",
  marketer: "Marketer",
  admin: "Admin",
  ingest: "Data only",
} as const;

export const ROLE_MEANING = {
  viewer: "Sees numbers, customers, segments and campaigns",
  marketer: "Also builds segments and sends campaigns",
  admin: "Also manages people, keys and customers' data",
  ingest: "Only sends customers and orders in",
} as const;

export type RoleName = keyof typeof ROLES;

export const VENDORS: Record<string, string> = {
  simulator: "Simulator",
  smtp: "E-mail",
  webhook: "Webhook",
};
