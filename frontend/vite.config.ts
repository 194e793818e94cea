import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import type { ViteDevServer } from "vite";
import { defineConfig } from "vitest/config";

/** In development only: requests go to a running product, as its owner. */
function running() {
  const home = process.env.XENCRM_HOME ?? "../.xencrm";
  const { url, api_key } = JSON.parse(readFileSync(`${home}/credentials.json`, "utf8"));
  const target = { target: url, headers: { authorization: `Bearer ${api_key}` } };
  return { "/api": target, "/auth": target };
}

/** Stands in for GET /session where the product that runs has none yet. */
const session = {
  name: "session-in-development",
  configureServer(server: ViteDevServer) {
    server.middlewares.use("/api/v1/session", (_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          person: { person_id: "0", name: "Asha Rao", email: "asha@example.com", role: "admin" },
          csrf_token: null,
          expires_at: null,
          installation: {
            name: "XenCRM",
            currency: "INR",
            time_zone: "Asia/Kolkata",
            version: "0.1.0",
            can_track: true,
          },
        }),
      );
    });
  },
};

export default defineConfig(({ command, mode }) => ({
  plugins: [react(), session],
  // Servers side by side each need their own.
  cacheDir: process.env.VITE_CACHE_DIR ?? "node_modules/.vite",
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: command === "serve" && mode === "development" ? running() : {} },
  build: {
    outDir: "../src/xencrm/webui",
    emptyOutDir: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
    manifest: true,
    target: "es2023",
    // Nothing inline: the pages' content security policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
}));
