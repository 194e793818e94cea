import {
  IconActivityHeartbeat,
  IconChartBar,
  IconFilter,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconSend,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import type { RoleName } from "@/words/labels";

export interface NavigationItem {
  to:
    | "/dashboard"
    | "/customers"
    | "/segments"
    | "/campaigns"
    | "/campaignStats"
    | "/people"
    | "/keys"
    | "/audit"
    | "/operations";
  label: string;
  icon: typeof IconUsers;
  /** Who sees it. */
  role: RoleName;
}

export const NAVIGATION: { heading: string | null; items: NavigationItem[] }[] = [
  {
    heading: null,
    items: [{ to: "/dashboard", label: "Dashboard", icon: IconLayoutDashboard, role: "viewer" }],
  },
  {
    heading: "Audience",
    items: [
      { to: "/customers", label: "Customers", icon: IconUsers, role: "viewer" },
      { to: "/segments", label: "Segments", icon: IconFilter, role: "viewer" },
    ],
  },
  {
    heading: "Messages",
    items: [
      { to: "/campaigns", label: "Campaigns", icon: IconSend, role: "viewer" },
      { to: "/campaignStats", label: "Statistics", icon: IconChartBar, role: "viewer" },
    ],
  },
  {
    heading: "Installation",
    items: [
      { to: "/people", label: "People", icon: IconUsersGroup, role: "admin" },
      { to: "/keys", label: "API keys", icon: IconKey, role: "admin" },
      { to: "/audit", label: "Audit log", icon: IconHistory, role: "admin" },
      { to: "/operations", label: "Operations", icon: IconActivityHeartbeat, role: "viewer" },
    ],
  },
];
