import { summarize } from "../../model/ledger-summary.ts";
import type { HolderJudgement } from "../../model/lease.ts";
import { stackStatus } from "../../model/status.ts";
import { columns } from "../output.ts";
import { readWanted, type Wanted } from "../reports/wanted-state.ts";
import { statusLines } from "../reports/status-lines.ts";
import { readRunLock } from "../../steps/work/run-lock.ts";
import type { LiveRelease } from "../reports/live-releases.ts";
import type { Verb, VerbContext } from "../verb.ts";

/** `cutover status STACK`: where the stack stands, by its ledger, its file and the list of release sets. */
export const status: Verb = {
  name: "status",
  arguments: ["<stack>"],
  summary: "where a stack stands and what waits",
  description:
    "Reads the ledger, the stack file and the list of release sets: what each service runs, since when it stands verified, what is pending, " +
    "the N-2 limit, holds, unfinished work, open issues, backups, where a rollback would go. Starts no Pulumi; changes nothing.",
  examples: ["status infomart-dev", "status infomart-prod --live --json"],
  options: [{ flags: "--live", description: "also ask Helm's records in the cluster, and name what drifted" }],
  exitCodes: [],
  async run(context) {
    const { stack = "" } = context.arguments;
    const { cluster } = context.settings(stack);
    const kubernetes = await context.kubernetes(stack);
    const [pages, lock] = await Promise.all([
      context.ledger(stack).then((ledger) => ledger.pages()),
      // A person who may not read leases still gets the rest.
      readRunLock(kubernetes, { namespace: cluster.ledgerNamespace, stack }).catch(() => null),
    ]);
    const wanted = await readWanted(context, stack, pages);
    const { state, releaseOrder, limitedSkew, without } = wanted;
    const found = stackStatus({ stack, wanted: state, releaseOrder, pages, limitedSkew, without });
    const live = context.options["live"] === true ? await askHelm(context, stack, wanted, pages) : null;
    for (const line of statusLines(found, Date.now())) context.output.line(line);
    if (wanted.problem !== null) context.output.line(`the stack file cannot be resolved: ${wanted.problem}`);
    context.output.line(lockText(lock));
    if (live !== null) for (const line of liveLines(live)) context.output.line(line);
    context.output.document({ ...found, problem: wanted.problem, lock, ...(live === null ? {} : { live }) });
    return 0;
  },
};

async function askHelm(
  context: VerbContext,
  stack: string,
  wanted: Wanted,
  pages: Parameters<typeof summarize>[0],
): Promise<LiveRelease[]> {
  const { liveReleases } = await import("../reports/live-releases.ts");
  return liveReleases(await context.kubernetes(stack), wanted.services, summarize(pages));
}

function lockText(lock: HolderJudgement | null): string {
  if (lock === null) return "lock: could not be read";
  if (lock.state === "free") return "lock: nobody works on it";
  const { pid, host, run } = lock.holder;
  const owner = `pid ${pid} on ${host} (${run})`;
  if (lock.state === "dead") return `lock: left behind by ${owner}, which is dead: ${lock.proof}`;
  return lock.state === "alive" ? `lock: ${owner} works on it` : `lock: ${owner} has not renewed it for a while`;
}

function liveLines(live: readonly LiveRelease[]): string[] {
  const rows = live.map(({ service, revision, status: state, chartVersion, drift }) => [
    service,
    revision === 0 ? "-" : `revision ${revision}`,
    state,
    chartVersion,
    drift === null ? "" : `drift: ${drift}`,
  ]);
  return ["", "in the cluster now, by Helm's records:", ...columns(rows)];
}
