import { CutoverError } from "../error.ts";

/**
 * The two generations of the chart `redpoint-rpi`: values of one are refused by the other (facts/domain.md A1). `upTo76`: the chart
 * makes its Secret from values; `from77`: strict schema, the Secret must exist before.
 */
export type ChartGeneration = "upTo76" | "from77";

/** Generation by chart version, such as `7.6.0` or `7.7.20260630`. Throws CUT-2067 when it is no version of RPI v7. */
export function chartGeneration(version: string): ChartGeneration {
  const match = /^v?(\d+)\.(\d+)(?=[.+-]|$)/.exec(version);
  const [major, minor] = [Number(match?.[1]), Number(match?.[2])];
  if (major !== 7) {
    throw new CutoverError({
      code: "CUT-2067",
      verdict: "failed",
      happened: `chart version ${version} is no version of Redpoint Interaction v7`,
      untouched: "nothing was touched",
      next: "name a chart of version 7.x in the release set",
      exitCode: 2,
    });
  }
  return minor <= 6 ? "upTo76" : "from77";
}

/** In words. */
export function generationText(generation: ChartGeneration): string {
  return generation === "upTo76" ? "7.6 or older" : "7.7 or newer";
}
