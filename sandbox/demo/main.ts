import { CutoverError, describeError } from "../../model/error.ts";
import { didYouMean } from "../../model/suggestion.ts";

// `npm run demo [-- redpoint]`: one platform's whole story by the real `cutover` on a real control plane.

const demos: Readonly<Record<string, () => Promise<void>>> = {
  infomart: async () => (await import("./info-mart.ts")).demoInfoMart(),
  redpoint: async () => (await import("./redpoint.ts")).demoRedpoint(),
};

/** Runs the demo that the arguments name; without one, Info Mart's. Throws CUT-9291 for anything else. */
async function runDemo([name = "infomart", ...more]: readonly string[]): Promise<void> {
  const names = Object.keys(demos);
  const demo = names.includes(name) ? demos[name] : undefined;
  if (demo !== undefined && more.length === 0) return demo();
  throw new CutoverError({
    code: "CUT-9291",
    verdict: "errored",
    happened:
      demo === undefined
        ? `there is no demo "${name}"${didYouMean(name, names)}`
        : `a demo takes no arguments, but got: ${more.join(" ")}`,
    evidence: [`demos: ${names.join(", ")}`],
    untouched: "nothing was started",
    next: names.map((one) => `npm run demo -- ${one}`).join(", or "),
    exitCode: 2,
  });
}

try {
  await runDemo(process.argv.slice(2));
} catch (error) {
  for (const line of describeError(error)) process.stderr.write(`${line}\n`);
  process.exitCode = error instanceof CutoverError ? (error.details.exitCode ?? 1) : 1;
}
