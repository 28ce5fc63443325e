import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { main } from "./recover.ts";

// Run as `npm run recover -- STACK`: from the sources, so that it works although a build may be broken.
const { values } = parseArgs({ options: { project: { type: "string" } }, strict: false, allowPositionals: true });
const root = typeof values.project === "string" ? resolve(values.project) : join(import.meta.dirname, "..");
await main({ root, argv: process.argv.slice(2) });
