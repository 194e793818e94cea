import { IconArchive, IconSearchOff, IconSend } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { EmptyState } from "@/parts/EmptyState";
import { label } from "@/words/labels";
import type { View } from "../search";

/** What the list says when there is nothing in it. */
export function NoCampaigns({ view, q, create }: { view: View; q: string | undefined; create: ReactNode }) {
  if (q) {
    return (
      <EmptyState
        icon={IconSearchOff}
        title={`No campaign is called “${q}”`}
        text="Try fewer letters, or look under All and Archived."
      />
    );
  }
  if (view === "archived") {
    return (
      <EmptyState
        icon={IconArchive}
        title="Nothing is archived"
        text="Campaigns that are over can be archived from their menu. Their numbers are kept."
      />
    );
  }
  if (view !== "all") {
    return (
      <EmptyState
        icon={IconSend}
        title={`No campaign is ${label(view).toLowerCase()} right now`}
        text="Campaigns show up here as they come into this state."
      />
    );
  }
  return (
    <EmptyState
      icon={IconSend}
      title="Send your first campaign"
      text="Choose a segment, write a message, look at it with real customers' data, and launch."
    >
      {create}
    </EmptyState>
  );
}
