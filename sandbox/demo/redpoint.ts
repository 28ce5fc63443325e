import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../../model/error.ts";
import { addSecondPerson } from "../cluster/second-person.ts";
import type { Sandbox } from "../contracts.ts";
import { createSandbox } from "../create.ts";
import { createWorkspace, type Workspace } from "../workspace.ts";
import { chapter, say } from "./narrate.ts";
import { redpointReleases, sayWhatIsReal, showDatabases } from "./redpoint-show.ts";
import {
  ledgerNamespace,
  makeEnvironments,
  prepareRedpointStacks,
  redpointStack,
  redpointTenants,
  uatGroup,
  type Environments,
} from "./redpoint-stacks.ts";
import { runCutover } from "./run-cutover.ts";
import { showHelm } from "./show.ts";
import { stages } from "./stacks.ts";

// Redpoint Interaction v6 -> v7 on its way from dev over staging to prod, by the real `cutover` on a real control plane.

const [dev, staging, prod] = stages.map(redpointStack) as [string, string, string];
const release = "v7.6";
/** `cutover`: waits for a person. */
const paused = 19;
/** More than `cutover:announce` of prod. */
const noticeMilliseconds = 3000;

/** Redpoint on three stacks. Ends with everything removed; throws the first error. */
export async function demoRedpoint(): Promise<void> {
  chapter("Redpoint Interaction v6 -> v7: dev on clones, then staging and prod in place, with one upgrade that fails");
  say("expected: about 2.5 minutes on 2 idle cores; the first time longer, while the toolchain is fetched or built");
  chapter("A sandbox: cluster, and v6 three times, each with databases and a node of its own");
  const sandbox = await createSandbox({ say, prefixes: [], kafka: false });
  try {
    const environments = await makeEnvironments(sandbox);
    sayWhatIsReal(sandbox, environments);
    const workspace = await createWorkspace(sandbox);
    await prepareRedpointStacks(sandbox, workspace, environments);
    await tell({ sandbox, workspace, environments });
  } finally {
    chapter("Cleaning up");
    await sandbox.stop();
    say("everything that was started has been stopped and removed");
  }
}

interface Scene {
  sandbox: Sandbox;
  workspace: Workspace;
  environments: Environments;
}

async function tell(scene: Scene): Promise<void> {
  const { sandbox, workspace, environments } = scene;
  const cutover = (...argv: string[]) => runCutover(workspace, argv);

  chapter("Dev: v6 runs on, its databases are saved and cloned to another server, v7 migrates the clones");
  await upgradeWithSettings(workspace, dev, "--release", release);
  await showDatabases(sandbox, environments, ["dev"]);

  chapter("What dev has verified may go to staging: the proof goes into staging's ledger");
  await cutover("promote", dev, staging);
  await failInStaging(scene);
  chapter("Staging again: the same folder, every step anew, a new backup and a new call");
  await upgradeWithSettings(workspace, staging, "--release", release);
  await runCutover(workspace, [
    ...["issue", staging, "--resolve", "issue-1", "--resolution", "the DBA gave tempdb more room"],
    ...["--remedy", "the DBA looks at tempdb before the window: runbook, line 12"],
  ]);

  await toProd(scene);

  chapter("What the ledgers say");
  for (const stack of [dev, staging, prod]) await cutover("history", stack);
  for (const stack of [dev, staging, prod]) await cutover("status", stack);
  chapter("What Helm and the databases say");
  await showHelm(sandbox, redpointReleases);
  await showDatabases(sandbox, environments);
}

/** Runs until the check list of the tenants' settings, has a person say what they are, and goes on. */
async function upgradeWithSettings(workspace: Workspace, stack: string, ...more: string[]): Promise<void> {
  await runCutover(workspace, ["upgrade", stack, ...more], { expected: paused });
  say("what a statement can write is written and read back; the channels are for a person to look at, per tenant");
  for (const tenant of redpointTenants) {
    await runCutover(workspace, [
      ...["attest", stack, "--tenant", tenant, "--setting", "Channels", "--value", "SMTP relay as in plan 4"],
    ]);
  }
  say("resumed: what is done is kept, the upgrade API is not called again");
  await runCutover(workspace, ["upgrade", stack]);
}

async function failInStaging({ sandbox, workspace, environments }: Scene): Promise<void> {
  chapter("Staging, in place: the node is stopped, everything is saved, one API call, and it reports LastRunFailed");
  const { namespace } = environments.staging.world;
  await sandbox.simulators.setFaults([{ application: "rpi-deploymentapi", namespace, fault: "upgradeFails" }]);
  await runCutover(workspace, ["upgrade", staging], { expected: paused });
  await sandbox.simulators.clearFaults();
  await showDatabases(sandbox, environments, ["staging"]);

  chapter("Back to v6: half of it is migrated, so a rollback asks for the backup by its name");
  const asked = await runCutover(workspace, ["rollback", staging, "--reason", "LastRunFailed"], { expected: paused });
  const backup = asked.map((line) => /--restore (\S+)/.exec(line)?.[1]).find((one) => one !== undefined);
  if (backup === undefined) throw noBackupNamed(asked);
  await runCutover(workspace, ["rollback", staging, "--restore", backup, "--reason", "LastRunFailed", "--yes"]);
  await showDatabases(sandbox, environments, ["staging"]);
  const found = "upgrade API: Execution Timeout while tenant globex was migrated";
  await runCutover(workspace, ["issue", staging, found, "--severity", "high"]);
  await runCutover(workspace, ["unhold", staging, "--reason", "the cause is found, see issue-1"]);
}

async function toProd({ sandbox, workspace }: Scene): Promise<void> {
  const cutover = (...argv: string[]) => runCutover(workspace, argv);
  chapter("To prod: refused as long as the window is not announced and nobody of the UAT group has approved");
  await cutover("promote", staging, prod);
  await runCutover(workspace, ["upgrade", prod], { expected: 18 });
  const begins = new Date(Date.now() + noticeMilliseconds);
  await cutover("announce", prod, "--window", `${begins.toISOString()}/4h`, "--text", `RPI ${release}: four hours`);
  const anna = await addSecondPerson(sandbox, "anna", ledgerNamespace);
  say(`anna is another person than the one who runs it, in the group ${uatGroup}`);
  await runCutover(workspace, ["approve", prod, release, "--role", "uat"], { kubeconfig: anna.kubeconfig });
  await sleep(Math.max(0, begins.getTime() - Date.now()));

  chapter("Prod, in place, by the steps that staging has proven");
  await upgradeWithSettings(workspace, prod);
}

function noBackupNamed(lines: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-9292",
    verdict: "failed",
    happened: "cutover rollback did not say which backup to restore",
    evidence: lines.slice(-40),
  });
}
