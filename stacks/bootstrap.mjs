// The Pulumi entry (package.json `main`): plain JavaScript, so that an unsuitable Node is refused in one clear sentence.
// An ES module, because Node >= 23 gives imported CommonJS two exports and Pulumi's runner accepts only one.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { enableCompileCache, ensureBuilt, requireNode } = createRequire(import.meta.url)("../build/build.cjs");

export default async function program() {
  requireNode();
  enableCompileCache(root);
  const { main } = await import(pathToFileURL(path.join(ensureBuilt(root), "program.js")).href);
  return main({ root });
}
