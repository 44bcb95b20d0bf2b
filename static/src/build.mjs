// Builds what the browser loads: one script and one style sheet, into static/dist.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

const script = build({
  absWorkingDir: root,
  entryPoints: ["static/src/js/main.js"],
  outfile: "static/dist/js/main.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
});

const styles = promisify(execFile)(
  process.execPath,
  [
    "node_modules/@tailwindcss/cli/dist/index.mjs",
    ...["--input", "static/src/css/app.css", "--output", "static/dist/css/app.css", "--minify"],
  ],
  { cwd: root },
);

await Promise.all([script, styles]);
