import { AppShell, Burger, Group, UnstyledButton } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, use, useCallback, useEffect, useState } from "react";
import { useInstallation } from "@/api/session";
import { AccountMenu } from "./AccountMenu";
import { AssistantButton, useAssistantCommand } from "./AssistantButton";
import { Brand } from "./Brand";
import { Navigation } from "./Navigation";
import { SearchButton } from "./SearchButton";
import classes from "./Shell.module.css";

const Palette = lazy(() => import("./Palette").then(({ Palette }) => ({ default: Palette })));

const AssistantDrawer = lazy(() =>
  import("@/assistant/AssistantDrawer").then(({ AssistantDrawer }) => ({ default: AssistantDrawer })),
);

const allStyles = import("./allStyles");

/** Waits for the styles of all components; the dashboard comes with its own. */
function Styled({ children }: { children: ReactNode }) {
  use(allStyles);
  return children;
}

/** What surrounds every page of somebody who is signed in. */
export function Shell() {
  const [menuOpen, menu] = useDisclosure(false);
  const [asked, setAsked] = useState(0);
  const [assistant, setAssistant] = useState<"never" | "open" | "closed">("never");
  const hasAssistant = useInstallation().assistant;
  const toggleAssistant = () => setAssistant((now) => (now === "open" ? "closed" : "open"));
  const openAssistant = useCallback(() => setAssistant("open"), []);
  useAssistantCommand(hasAssistant, openAssistant);
  const askPalette = () => setAsked((times) => times + 1);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const closeMenu = menu.close;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the menu that led there
  useEffect(closeMenu, [path]);
  useHotkeys(
    [
      ["mod+K", askPalette],
      ["mod+J", () => hasAssistant && toggleAssistant()],
    ],
    [],
  );
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 228, breakpoint: "sm", collapsed: { mobile: !menuOpen } }}
      padding={0}
      transitionDuration={0}
    >
      <a href="#page" className={classes.skip}>
        Skip to the page
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <UnstyledButton component={Link} to="/dashboard" display="inline-flex">
            <Brand />
          </UnstyledButton>
          <Burger
            opened={menuOpen}
            onClick={menu.toggle}
            size="sm"
            aria-label={menuOpen ? "Close the menu" : "Open the menu"}
            aria-expanded={menuOpen}
          />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <AppShell.Section visibleFrom="sm" className={classes.top}>
          <UnstyledButton component={Link} to="/dashboard" display="inline-flex">
            <Brand />
          </UnstyledButton>
        </AppShell.Section>
        <AppShell.Section className={classes.search}>
          <SearchButton onClick={askPalette} />
          {hasAssistant && <AssistantButton onClick={toggleAssistant} />}
        </AppShell.Section>
        <AppShell.Section grow className={classes.pages}>
          <Navigation />
        </AppShell.Section>
        <AppShell.Section className={classes.bottom}>
          <AccountMenu />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} className={classes.main}>
        <div className={classes.page}>
          <Suspense>
            {path === "/dashboard" ? (
              <Outlet />
            ) : (
              <Styled>
                <Outlet />
              </Styled>
            )}
          </Suspense>
        </div>
      </AppShell.Main>
      {asked > 0 && (
        <Suspense>
          <Styled>
            <Palette asked={asked} />
          </Styled>
        </Suspense>
      )}
      {assistant !== "never" && (
        <Suspense>
          <Styled>
            <AssistantDrawer opened={assistant === "open"} onClose={() => setAssistant("closed")} />
          </Styled>
        </Suspense>
      )}
    </AppShell>
  );
}
