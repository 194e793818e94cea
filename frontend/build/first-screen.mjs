// Fails when the first screen is 250 kB gzipped or more: scripts and styles of the entry and the dashboard.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 250_000;
const FOLDER = new URL("../../src/xencrm/webui/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", FOLDER), "utf8"));

function collect(key, files, seen) {
  if (seen.has(key)) return;
  seen.add(key);
  const chunk = manifest[key];
  for (const file of [chunk.file, ...(chunk.css ?? [])]) files.add(file);
  for (const imported of chunk.imports ?? []) collect(imported, files, seen);
}

const files = new Set(["index.html", "color-scheme.js"]);
const seen = new Set();
const screen = ["index.html", "src/pages/dashboard/DashboardPage.tsx"];
for (const key of screen) collect(key, files, seen);
const sizes = [...files].map((file) => [file, gzipSync(readFileSync(new URL(file, FOLDER))).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
if (total >= LIMIT) {
  for (const [file, size] of sizes) process.stderr.write(`${String(size).padStart(8)} ${file}\n`);
  process.stderr.write(`first screen: ${total} bytes gzipped, ${LIMIT} is the limit\n`);
  process.exit(1);
}
process.stdout.write(`first screen: ${(total / 1000).toFixed(1)} kB gzipped\n`);
