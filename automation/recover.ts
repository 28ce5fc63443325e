import { parseArgs } from "node:util";
import { createHelm } from "../clients/helm.ts";
import { connectKubernetes } from "../clients/kubernetes.ts";
import type { LedgerStore } from "../clients/ledger-contract.ts";
import { openLedgerOn } from "../clients/ledger-store.ts";
import { createRedactor } from "../clients/redaction.ts";
import { CutoverError, describeError } from "../model/error.ts";
import { loadStackSettings } from "../stacks/config.ts";
import { findBackend } from "./pulumi-backend.ts";
import { judgeLocks, type StaleLock } from "./pulumi-locks.ts";
import { openPulumi } from "./pulumi-command.ts";
import { readState, settlePendingOperations, type StackRelease } from "./pulumi-state.ts";
import { settleReleases } from "./settle-releases.ts";
import { settleWork } from "./settle-work.ts";

/** What recover did, for `--json`. */
export interface Recovery {
  stack: string;
  actions: string[];
  next: string;
  exitCode: number;
  errors: string[];
}

/**
 * `npm run recover -- STACK [--json]`: after a crash, proves the owner of Pulumi's stale lock dead, settles Helm releases
 * left pending, leases of dead workers, the lock and pending operations, and says what it did. Sets the exit code:
 * 0 done or nothing to do, 14 the owner lives, 20 the state is unknown, 2 wrong usage or configuration.
 */
export async function main({ root, argv }: { root: string; argv: readonly string[] }): Promise<void> {
  const redactor = createRedactor([process.env["PULUMI_CONFIG_PASSPHRASE"] ?? ""]);
  let json = false;
  const result: Recovery = { stack: "", actions: [], next: "", exitCode: 0, errors: [] };
  const say = (line: string): void => {
    if (!json) process.stdout.write(`${redactor.redact(line)}\n`);
  };
  const act = (line: string): void => {
    result.actions.push(redactor.redact(line));
    say(line);
  };
  try {
    const asked = readArguments(argv);
    json = asked.json;
    result.stack = asked.stack;
    result.next = await recover(root, asked.stack, { say, act, done: result.actions });
    say(`next: ${result.next}`);
  } catch (error) {
    result.errors = describeError(error).map((line) => redactor.redact(line));
    result.exitCode = error instanceof CutoverError ? (error.details.exitCode ?? 20) : 20;
    if (!json) for (const line of result.errors) process.stderr.write(`${line}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.exitCode;
}

/** Where lines go: `say` for progress, `act` for what was changed. */
export interface Voice {
  say(line: string): void;
  act(line: string): void;
  done: readonly string[];
}

/** Settles what a crash left of a stack, with proof; returns the next command to type. */
export async function recover(root: string, stack: string, voice: Voice): Promise<string> {
  const settings = loadStackSettings(root, stack);
  const locks = await judgeLocks(await findBackend(root), root, stack);
  for (const lock of locks) voice.say(`stale lock of ${lock.owner}: ${lock.proof}`);
  const kubernetes = await connectKubernetes({ context: settings.cluster.context });
  const { ledgerNamespace } = settings.cluster;
  const ledger = openLedgerOn(kubernetes, { stack, cluster: { ledgerNamespace } });
  const pulumi = openPulumi(root, stack);
  const state = await readState(pulumi);
  let unlocked: StackRelease[] = [];
  try {
    // First, while the stale lock still keeps every new `up` out.
    unlocked = await settleReleases(
      createHelm(kubernetes),
      state.releases,
      { root, enginesDeadAt: await enginesDeadAt(ledger) },
      voice,
    );
    await settleWork(kubernetes, { namespace: ledgerNamespace, stack }, voice);
    await breakLocks(pulumi, locks, voice);
    await settlePendingOperations(pulumi, state, createHelm(kubernetes), voice);
  } finally {
    await record(ledger, voice, unlocked);
  }
  if (voice.done.length === 0)
    voice.say(`nothing to recover on ${stack}: no stale lock, release, worker or pending operation`);
  return `pulumi up --stack ${stack}`;
}

async function breakLocks(
  pulumi: ReturnType<typeof openPulumi>,
  locks: readonly StaleLock[],
  voice: Voice,
): Promise<void> {
  if (locks.length === 0) return;
  await pulumi(["cancel", "--yes"]);
  for (const lock of locks) voice.act(`${brokeLock} ${lock.owner} (${lock.proof})`);
}

const brokeLock = "broke the lock of";

/** When recover last broke a lock of this stack, with proof that its engine was dead. */
async function enginesDeadAt(ledger: LedgerStore): Promise<number | null> {
  const broken = (await ledger.pages())
    .flatMap((page) => page.entries)
    .findLast((entry) => entry.kind === "recovery" && entry.actions.some((action) => action.startsWith(brokeLock)));
  return broken === undefined ? null : Date.parse(broken.at);
}

/** What was done is recorded even when a later part failed. */
async function record(ledger: LedgerStore, voice: Voice, unlocked: readonly StackRelease[]): Promise<void> {
  if (voice.done.length === 0) return;
  // The names make the program upgrade these releases again: Pulumi itself may believe that nothing is left to do.
  const names = unlocked.map((release) => release.name);
  await ledger.append({ kind: "recovery", actions: [...voice.done], unlocked: names });
}

function readArguments(argv: readonly string[]): { stack: string; json: boolean } {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { json: { type: "boolean", default: false }, project: { type: "string" } },
    allowPositionals: true,
    strict: false,
  });
  const [stack, ...more] = positionals;
  if (stack !== undefined && more.length === 0) return { stack, json: values["json"] === true };
  throw new CutoverError({
    code: "CUT-6000",
    verdict: "errored",
    happened: "recover wants the name of one stack",
    next: "npm run recover -- infomart-dev [--json]",
    exitCode: 2,
  });
}
