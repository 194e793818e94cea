import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** In development only: requests go to a running product, as its owner. */
function running() {
  const home = process.env.XENCRM_HOME ?? "../.xencrm";
  const { url, api_key } = JSON.parse(readFileSync(`${home}/credentials.json`, "utf8"));
  const target = { target: url, headers: { authorization: `Bearer ${api_key}` } };
  return { "/api": target, "/auth": target, "/assistant": target };
}

export default defineConfig(({ command, mode }) => ({
  plugins: [react()],
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
    // With light-dark(), which is not to be taken apart: Mantine sets the scheme by a variable.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    // Nothing inline: the pages' content security policy forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Few requests: small things that many pages share are one file each way.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "icons", test: /@tabler\/icons-react\/dist\/esm\/icons\// },
            {
              name: "shared",
              test: /src\/(words|api)\/|src\/parts\/(PageHeader|LiveDot|ProblemAlert|Figure|StatusBadge|Words|toasts|EmptyState)/,
            },
          ],
        },
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] },
}));
