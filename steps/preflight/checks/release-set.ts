import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../../model/error.ts";
import { sha256 } from "../../../model/ledger.ts";
import type { Check, PreflightContext } from "../contract.ts";
import { count, failed, passed } from "../outcome.ts";

/** Every chart archive, new and of the way back, still has the bytes that its release set names. */
export const releaseSet: Check = {
  name: "release-set",
  code: "CUT-3110",
  overridable: false,
  async run({ root, spec }) {
    const charts = new Map(
      allServices(spec).map((service) => [`${service.chart.path} ${service.chart.sha256}`, service.chart]),
    );
    const problems = await Promise.all([...charts.values()].map((chart) => problemOf(root, chart)));
    const found = problems.filter((problem) => problem !== null);
    if (found.length === 0) return passed(`${count(charts.size, "chart")}, all digests match`);
    return failed(
      "a chart is not the one that its release set names",
      found,
      "restore the archive (git checkout); a changed chart belongs into a new release set with a name of its own",
    );
  },
};

function allServices(spec: PreflightContext["spec"]): PreflightContext["spec"]["services"] {
  return [...spec.services, ...spec.waysBack.flatMap((way) => way.target ?? [])];
}

async function problemOf(root: string, chart: { path: string; sha256: string }): Promise<string | null> {
  try {
    const found = sha256(await readFile(join(root, chart.path)));
    return found === chart.sha256 ? null : `${chart.path}: sha256 named ${chart.sha256}, found ${found}`;
  } catch (error) {
    return `${chart.path}: cannot be read: ${messageOf(error)}`;
  }
}
