import "@mantine/spotlight/styles.layer.css";
import {
  Spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
  spotlight,
} from "@mantine/spotlight";
import { IconMoon, IconPlus, IconSearch } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useCan, useSession } from "@/api/session";
import { type Command, useOfferedCommands } from "./commands";
import { useFindings } from "./findings";
import { NAVIGATION } from "./navigation";
import { useSchemeSwitch } from "./scheme";

function action({ id, label, description, icon: Icon, keywords, run }: Command): SpotlightActionData {
  return {
    id,
    label,
    description,
    keywords,
    onClick: run,
    leftSection: Icon && <Icon size={18} stroke={1.6} aria-hidden />,
  };
}

function usePages(): SpotlightActionData[] {
  const router = useRouter();
  const isAdmin = useSession()?.person.role === "admin";
  return NAVIGATION.flatMap(({ items }) => items)
    .filter((item) => isAdmin || item.role !== "admin")
    .map((item) =>
      action({
        id: item.to,
        label: item.label,
        icon: item.icon,
        run: () => router.navigate({ to: item.to }),
      }),
    );
}

function useDoing(): SpotlightActionData[] {
  const router = useRouter();
  const mayWrite = useCan("marketer");
  const scheme = useSchemeSwitch();
  const making: Command[] = [
    {
      id: "new-campaign",
      label: "New campaign",
      icon: IconPlus,
      run: () => router.navigate({ to: "/campaigns/new" }),
    },
    {
      id: "new-segment",
      label: "New segment",
      icon: IconPlus,
      run: () => router.navigate({ to: "/segments/new" }),
    },
  ];
  const switching: Command = {
    id: "scheme",
    label: scheme.label,
    icon: IconMoon,
    keywords: ["theme", "dark", "light"],
    run: scheme.run,
  };
  return [...(mayWrite ? making : []), switching].map(action);
}

/** Ctrl-K: what is found by name, pages, and what can be done. */
export function Palette({ asked }: { asked: number }) {
  const [query, setQuery] = useState("");
  const router = useRouter();
  const here = useOfferedCommands().map(action);
  const pages = usePages();
  const doing = useDoing();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time it is asked for
  useEffect(() => spotlight.open(), [asked]);
  const search = action({
    id: "search-customers",
    label: `Search customers for “${query.trim()}”`,
    icon: IconSearch,
    keywords: [query],
    run: () => router.navigate({ href: `/customers?q=${encodeURIComponent(query.trim())}` }),
  });
  const found = useFindings(query).map(({ group, commands }) => ({ group, actions: commands.map(action) }));
  const groups: SpotlightActionGroupData[] = [
    ...found,
    { group: "On this page", actions: here },
    { group: "Go to", actions: pages },
    { group: "Do", actions: doing },
    { group: "Search", actions: query.trim() ? [search] : [] },
  ].filter(({ actions }) => actions.length > 0);
  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      nothingFound="Nothing by that name"
      highlightQuery
      scrollable
      maxHeight={420}
      radius="lg"
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: "Search or jump to…",
        "aria-label": "Search or jump to",
      }}
    />
  );
}
