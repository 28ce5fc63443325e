import { cloneNames } from "../model/operational/clone-names.ts";
import { CutoverError } from "../model/error.ts";
import type { OperationalDatabases } from "../model/operational-databases.ts";
import { cloneSpec } from "../model/step-specs.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";
import { joined, judgeServers, rewriteConnections, templateOf, type Pair } from "./operational/clone-apart.ts";
import { goneClones, notApart } from "./operational/clone-errors.ts";
import { openCloneRecord } from "./operational/clone-record.ts";
import { makeClones, type MadeClone } from "./operational/clone.ts";
import type { DatabaseHost } from "./operational/database-host.ts";
import { earlierClones } from "./operational/earlier-clones.ts";
import { openHost } from "./operational/open-host.ts";
import { runBackup } from "./operational/run-backup.ts";
import type { PlatformBackup } from "../model/platform-backup.ts";
import { skippedOnTheWayBack } from "./platform/not-on-the-way-back.ts";

/**
 * Copies of the databases for an environment that must not touch v6's (seed 000: non-production; facts/domain.md A8), made of the
 * run's own backup; then the tenants' connections, rewritten and proven. Runs in a worker.
 */
export async function run(context: StepContext): Promise<Outcome> {
  const { operationalDatabases: settings } = parseSpec(cloneSpec, context.request);
  if (settings.mode === "inPlace") {
    return { verdict: "skipped", summary: "the databases are migrated in place: no clone is made" };
  }
  const skipped = await skippedOnTheWayBack(context);
  if (skipped !== null) return skipped;
  if (settings.source === undefined) throw noSource();
  const backup = await runBackup(context);
  const source = await openHost(context, settings, "source");
  try {
    const target = await openHost(context, settings, "server");
    try {
      return await cloneBetween(context, { source, target }, settings, backup);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** The step between two open hosts. */
export async function cloneBetween(
  context: Pick<StepContext, "ledger" | "signal" | "progress">,
  { source, target }: { source: DatabaseHost; target: DatabaseHost },
  settings: OperationalDatabases,
  backup: PlatformBackup,
): Promise<Outcome> {
  const earlier = earlierClones(await (await context.ledger()).pages(), target.address);
  const saved = backup.databases;
  // Once the stack lives on its clones, its backups are of them: they are upgraded as they are.
  const ofClones =
    earlier.length > 0 &&
    saved.every(({ server, database }) => server === target.address && earlier.some(({ clone }) => clone === database));
  const names = ofClones
    ? new Map(earlier.map(({ database, clone }) => [database, clone]))
    : cloneNames(
        templateOf(settings),
        saved.map(({ database }) => database),
      );
  const pair: Pair = { source, target, settings, names };
  const before = await judgeServers(pair);
  if (before.problems.length > 0) throw notApart(before.problems);
  let made: MadeClone[];
  if (ofClones) {
    made = await keepClones(pair);
  } else {
    const record = await openCloneRecord(context, { server: target.address, backupId: backup.id });
    made = await makeClones(context, { target, backups: saved, names, record });
  }
  const { rewritten, connections } = await rewriteConnections(pair);
  const after = settings.tenantConnections === undefined ? before : joined(before, connections);
  if (after.problems.length > 0) throw notApart(after.problems);
  return outcomeOf({ made, rewritten, server: target.address, backupId: backup.id, evidence: after.evidence });
}

async function keepClones({ target, names }: Pair): Promise<MadeClone[]> {
  const states = await target.states([...names.values()]);
  const gone = [...names.values()].filter((name) => states.get(name) !== "online");
  if (gone.length > 0) throw goneClones(gone, target.address);
  return [...names].map(([database, clone]) => ({ database, clone, rows: null, kept: true }));
}

function outcomeOf(input: {
  made: readonly MadeClone[];
  rewritten: number;
  server: string;
  backupId: string;
  evidence: string[];
}): Outcome {
  const { made, rewritten, server, backupId } = input;
  const kept = made.filter((one) => one.kept).length;
  const lines = made.map(
    ({ database, clone, rows }) => `${database} -> ${clone}${rows === null ? "" : `, ${rows} rows`}`,
  );
  return {
    verdict: "passed",
    summary:
      kept === made.length
        ? `${made.length} clones on ${server} are kept as they are`
        : `${made.length} databases cloned on ${server} from ${backupId}${kept === 0 ? "" : `, ${kept} of them before`}`,
    evidence: [
      ...input.evidence,
      ...(rewritten === 0 ? [] : [`${rewritten} tenant connections rewritten`]),
      // A receipt is one line below 8 KiB.
      ...(lines.length <= 20 ? lines : [...lines.slice(0, 20), `and ${lines.length - 20} more`]),
    ],
    facts: { backupId, server, rewritten, clones: made.map(({ database, clone }) => ({ database, clone })) },
    ...(kept === made.length ? { reused: true } : {}),
  };
}

function noSource(): CutoverError {
  return new CutoverError({
    code: "CUT-5500",
    verdict: "failed",
    happened: "mode clone needs the server that clones are copied from",
    untouched: "No database was made, changed or removed.",
    next: "Set cutover:operationalDatabases.source in the stack file.",
    exitCode: 2,
  });
}
