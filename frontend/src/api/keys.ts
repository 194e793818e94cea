/** Query keys that several pages, or the live stream, share. A page's own keys start with its folder's name. */
export const keys = {
  session: ["session"] as const,
  dashboard: (days: number) => ["dashboard", days] as const,
  operations: ["operations"] as const,
  campaignsProgress: ["campaigns-progress"] as const,
  campaign: (id: string) => ["campaign", id] as const,
  campaignStats: (id: string) => ["campaign", id, "stats"] as const,
};
