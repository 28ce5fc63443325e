import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { CutoverError } from "../model/error.ts";
import type { PlatformDefinition } from "../model/platform.ts";
import { didYouMean } from "../model/suggestion.ts";

/**
 * Loads a platform's definition by its folder's name, so that another platform needs no line here. Built, it lies beside the
 * program as platforms/<name>.js; unbuilt, it is the source file. Throws CUT-2030 naming the platforms that exist.
 */
export async function loadPlatform(root: string, name: string): Promise<PlatformDefinition> {
  const known = readdirSync(path.join(root, "stacks")).filter((folder) =>
    existsSync(path.join(root, "stacks", folder, "platform.ts")),
  );
  if (!known.includes(name)) throw unknownPlatform(name, known);
  const built = !import.meta.url.endsWith(".ts");
  // The bundler may have put this module into a chunk of its own, one folder further down.
  const here = import.meta.url.includes("/chunks/") ? ".." : ".";
  const file = new URL(built ? `${here}/platforms/${name}.js` : `./${name}/platform.ts`, import.meta.url);
  const loaded = (await import(file.href)) as { platform: PlatformDefinition };
  return loaded.platform;
}

function unknownPlatform(name: string, known: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-2030",
    verdict: "errored",
    happened: `platform ${name} is unknown${didYouMean(name, known)}`,
    evidence: [`platforms, each a folder stacks/<platform>/ with a platform.ts: ${known.join(", ")}`],
    untouched: "nothing was touched",
    next: "correct cutover:platform in the stack file",
    exitCode: 2,
  });
}
