// The Pulumi entry (package.json `main`): plain JavaScript, so that an unsuitable Node is refused in one clear sentence.
// An ES module, because Node >= 23 gives imported CommonJS two exports and Pulumi's runner accepts only one.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const { enableCompileCache, ensureBuilt, requireNode } = require("../build/build.cjs");

export default async function program() {
  requireNode();
  enableCompileCache(root);
  if (process.env.CUTOVER_DEBUG === undefined) {
    // Pulumi's runner maps every stack trace to TypeScript sources, and its SDK takes one per resource and promise, which is
    // a third of the time of a program of this size. People get no stack traces without CUTOVER_DEBUG anyway.
    Error.prepareStackTrace = undefined;
    Error.stackTraceLimit = 0;
  }
  require("../build/lean-sdk.cjs").useLeanSdk(root);
  const { main } = require(path.join(ensureBuilt(root), "program.cjs"));
  return main({ root });
}
