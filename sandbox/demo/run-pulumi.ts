import { CutoverError } from "../../model/error.ts";
import type { Workspace } from "../workspace.ts";
import { quote, say } from "./narrate.ts";

// The engine's own progress dots, outputs and the repeated diagnostics would bury what happens.
const noise = [
  /^@ /,
  /^\s*$/,
  /from \$PATH/,
  /^(Previewing|Updating) /,
  /cutover:index:/,
  /pulumi:pulumi:Stack/,
  /delete original|deleting original|deleted original| replace(d|) \[| \+- /,
];

/** Runs pulumi and shows what matters of it as it comes; a failure that was not expected ends the demo. */
export async function runPulumi(
  workspace: Workspace,
  args: readonly string[],
  options: { expectRefusal?: boolean; brief?: boolean } = {},
): Promise<void> {
  let tail = false;
  const result = await workspace.pulumi(args, {
    onLine: (line) => {
      if (/^(Diagnostics|Outputs):/.test(line)) tail = true;
      if (/^Resources:/.test(line)) tail = false;
      // What preflight refuses stands at the end once more, without the engine's columns.
      if (tail && options.expectRefusal === true && /^\s*(failed:|CUT-|check:|evidence:|untouched:|next:)/.test(line))
        quote(line);
      if (options.brief === true && /✓ passed|- skipped/.test(line)) return;
      if (!tail && !noise.some((pattern) => pattern.test(line))) quote(short(line));
    },
  });
  const seconds = (result.durationMilliseconds / 1000).toFixed(1);
  const refused = result.exitCode !== 0;
  say(
    `pulumi ended with ${result.exitCode ?? result.signal} after ${seconds} s${options.expectRefusal === true ? " (refused, as it must be)" : ""}`,
  );
  if (refused === (options.expectRefusal ?? false)) return;
  throw new CutoverError({
    code: "CUT-9290",
    verdict: "failed",
    happened: `pulumi ${args.join(" ")} ended with ${result.exitCode ?? result.signal}`,
    evidence: `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-40),
  });
}

function short(line: string): string {
  const text = line.replace(/(command:local:Command|kubernetes:helm\.sh\/v3:Release)\s+/, "");
  return text.length > 170 ? `${text.slice(0, 169)}…` : text;
}
