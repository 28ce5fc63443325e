import { basename } from "node:path";
import { realpath } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Helm, HelmRevision } from "../clients/contracts.ts";
import { listProcesses, startedAt, type ProcessFacts } from "../clients/process-table.ts";
import { CutoverError } from "../model/error.ts";
import type { StackRelease } from "./pulumi-state.ts";
import type { Voice } from "./recover.ts";

// An orphaned plugin finishes its Helm operation and ends after 300 s (facts/experiments.md 7).
const patienceMilliseconds = 330_000;
const betweenLooksMilliseconds = 3_000;

/**
 * Unlocks the releases that a dead run left in `pending-*`, after proof that nobody is at work: no plugin of a dead run
 * lives, and Helm's record is the same twice some seconds apart. A living orphan is waited for: it finishes its work.
 * Returns the releases that it unlocked.
 */
export async function settleReleases(
  helm: Helm,
  releases: readonly StackRelease[],
  run: DeadRun,
  voice: Voice,
): Promise<StackRelease[]> {
  const unlocked: StackRelease[] = [];
  for (const release of releases) if (await settle(helm, release, run, voice)) unlocked.push(release);
  return unlocked;
}

/** What is known of the runs that died. */
export interface DeadRun {
  /** Project folder: the plugins' working folder. */
  root: string;
  /** When recover last proved every pulumi of this stack dead; milliseconds since the epoch, null: never. */
  enginesDeadAt: number | null;
}

/** True when the release was unlocked; false when there was nothing to unlock. */
async function settle(helm: Helm, release: StackRelease, run: DeadRun, voice: Voice): Promise<boolean> {
  const where = `${release.namespace}/${release.name}`;
  const deadline = Date.now() + patienceMilliseconds;
  let before = await pendingRevision(helm, release);
  if (before === null) return false;
  const started = Date.parse(before.lastDeployed);
  const suspects = (): Promise<ProcessFacts[]> => suspectsOf(run, started);
  voice.say(`Helm release ${where} revision ${before.revision} is ${before.status}`);
  let told = "";
  while (Date.now() < deadline) {
    const orphans = await suspects();
    await sleep(betweenLooksMilliseconds);
    const now = await pendingRevision(helm, release);
    if (now === null) {
      voice.act(`Helm release ${where}: the interrupted operation was finished by a process of the dead run`);
      return false;
    }
    if (orphans.length === 0 && isSame(before, now) && (await suspects()).length === 0) {
      await helm.unlock(release.namespace, release.name, now.revision);
      const proof = `no plugin of a dead run lives, same record twice ${betweenLooksMilliseconds / 1000} s apart`;
      voice.act(`unlocked Helm release ${where} revision ${now.revision}, it was ${now.status} (${proof})`);
      return true;
    }
    const line = orphans.map(({ pid, argv }) => `${basename(argv[0] ?? "")} (pid ${pid})`).join(", ");
    if (line !== told) voice.say(`waiting for ${line || "a change"} to end: it may still be at work on ${where}`);
    told = line;
    before = now;
  }
  throw new CutoverError({
    code: "CUT-6020",
    verdict: "errored",
    happened: `Helm release ${where} is ${before.status}, and something of the dead run still lives`,
    evidence: (await suspects()).map(({ pid, argv }) => `pid ${pid}: ${argv.slice(0, 3).join(" ")}`),
    untouched: `Helm release ${where}.`,
    next: "End the processes named above and run recover again.",
    exitCode: 20,
  });
}

async function pendingRevision(helm: Helm, release: StackRelease): Promise<HelmRevision | null> {
  const [newest] = await helm.history(release.namespace, release.name);
  return newest?.status.startsWith("pending-") === true ? newest : null;
}

function isSame(a: HelmRevision, b: HelmRevision): boolean {
  return a.revision === b.revision && a.status === b.status && a.lastDeployed === b.lastDeployed;
}

/**
 * Orphans that may be at work on an operation that began at `operationStart`. A plugin begins nothing without its engine:
 * one that was there when all engines were proven dead has nothing to do with what began later.
 */
async function suspectsOf(run: DeadRun, operationStart: number): Promise<ProcessFacts[]> {
  const orphans = await orphansAtWork(run.root);
  const { enginesDeadAt } = run;
  if (enginesDeadAt === null || !(operationStart > enginesDeadAt)) return orphans;
  const suspects: ProcessFacts[] = [];
  for (const orphan of orphans) {
    const started = await startedAt(orphan.pid);
    if (started === "unknown" || (started !== "gone" && started >= enginesDeadAt)) suspects.push(orphan);
  }
  return suspects;
}

/** Kubernetes plugins and Helm commands in the project folder that no living pulumi stands above. */
export async function orphansAtWork(root: string): Promise<ProcessFacts[]> {
  const folder = await realpath(root);
  const all = await listProcesses();
  const byPid = new Map(all.map((item) => [item.pid, item]));
  const named = (item: ProcessFacts | undefined, pattern: RegExp): boolean =>
    item?.argv.slice(0, 3).some((part) => pattern.test(basename(part))) === true;
  const hasLivingPulumi = (item: ProcessFacts): boolean => {
    let above = byPid.get(item.parent);
    for (let level = 0; above !== undefined && level < 20; level += 1) {
      if (named(above, /^pulumi(\.exe)?$/)) return true;
      above = byPid.get(above.parent);
    }
    return false;
  };
  const changes = (item: ProcessFacts): boolean =>
    named(item, /^pulumi-resource-kubernetes/) ||
    (named(item, /^helm$/) && item.argv.some((part) => /^(upgrade|install|rollback|uninstall)$/.test(part)));
  return all.filter((item) => item.folder === folder && changes(item) && !hasLivingPulumi(item));
}
