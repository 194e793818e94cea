import "./app/first.css";
import "./app/base.css";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { onSignedOut } from "./api/session";
import { queryClient, router } from "./app/router";
import { cssVariables, theme } from "./app/theme";

const Toasts = lazy(() => import("./app/Toasts").then(({ Toasts }) => ({ default: Toasts })));

// What was built anew while this page was open has other names now. Once: what is broken stays broken.
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("reloaded-at"));
  if (Date.now() - last < 60_000) return;
  sessionStorage.setItem("reloaded-at", String(Date.now()));
  location.reload();
});

onSignedOut(async () => {
  const { href: next, pathname } = router.state.location;
  if (pathname !== "/sign-in") await router.navigate({ to: "/sign-in", search: { next } });
  queryClient.clear();
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <Suspense>
          <Toasts />
        </Suspense>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
