import type { ReleaseSet } from "../model/release-set.ts";
import { compareVersions } from "../model/version.ts";

type Ranges = ReleaseSet["thirdParties"];

/** Demands of several release sets at once: the highest minimum and the lowest maximum of each third party. */
export function strictestRanges(all: readonly Ranges[]): Ranges {
  const names = [...new Set(all.flatMap((ranges) => Object.keys(ranges)))];
  return Object.fromEntries(
    names.map((name) => {
      const minimum = extreme(
        all.flatMap((ranges) => ranges[name]?.minimum ?? []),
        1,
      );
      const maximum = extreme(
        all.flatMap((ranges) => ranges[name]?.maximum ?? []),
        -1,
      );
      return [name, { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) }];
    }),
  );
}

function extreme(versions: readonly string[], direction: 1 | -1): string | undefined {
  return [...versions].sort((a, b) => compareVersions(a, b) * direction).at(-1);
}
