import { addSecondPerson } from "../cluster/second-person.ts";
import { createSandbox } from "../create.ts";
import type { Sandbox } from "../contracts.ts";
import { createWorkspace, type Workspace } from "../workspace.ts";
import { chapter, quote, say } from "./narrate.ts";
import { runCutover } from "./run-cutover.ts";
import { infoMartReleases, showHelm, showSchemas } from "./show.ts";
import { demandPromotion, prefixOf, prepareStacks, stackOf, stages, tenant } from "./stacks.ts";

// A release set on its way from dev over staging to prod, by the real `cutover` on a real control plane.

const [dev, staging, prod] = stages.map(stackOf) as [string, string, string];
const good = "r2026-11";
const bad = "r2027-02";
const imageOfBadGsp = "100.0.101.1200";

/** Info Mart on three stacks. Ends with everything removed; throws the first error. */
export async function demoInfoMart(): Promise<void> {
  chapter("One release set from dev over staging to prod, and one that does not get far");
  say("expected: about 2.5 minutes on 2 idle cores; the first time longer, while the toolchain is fetched or built");
  chapter("A sandbox: cluster, PostgreSQL, Prometheus, Kafka, simulated GIM, GSP and GCA");
  const sandbox = await createSandbox({ say, prefixes: stages.map(prefixOf), tenants: [tenant] });
  try {
    quote(sandbox.parts.join("\n"));
    await tell(sandbox, await createWorkspace(sandbox));
  } finally {
    chapter("Cleaning up");
    await sandbox.stop();
    say("everything that was started has been stopped and removed");
  }
}

async function tell(sandbox: Sandbox, workspace: Workspace): Promise<void> {
  const cutover = (...argv: string[]) => runCutover(workspace, argv);
  const anna = await addSecondPerson(sandbox, "anna", "cutover");
  await prepareStacks(sandbox, workspace, anna.username);

  chapter("First installation of the three stacks at r2026-08, side by side, each in install order: GSP, GCA, GIM");
  await together(stages.map((stage) => runCutover(workspace, ["install", stackOf(stage)], { label: stage })));
  await demandPromotion(sandbox, workspace);

  chapter(`${good} begins in dev`);
  await cutover("upgrade", dev, "--release", good);

  chapter("What dev has verified may go to staging: the proof goes into staging's ledger");
  await cutover("promote", dev, staging);

  chapter(`Staging upgrades; meanwhile dev tries ${bad}, whose GSP crashes: dev takes itself back`);
  await sandbox.simulators.setFaults([
    { application: "gsp", namespace: `${prefixOf("dev")}gsp`, imageTag: imageOfBadGsp, fault: "crashLoop" },
  ]);
  await together([
    runCutover(workspace, ["upgrade", staging], { label: "staging" }),
    runCutover(workspace, ["upgrade", dev, "--release", bad], { label: "dev", expected: 11 }),
  ]);
  await sandbox.simulators.clearFaults();

  chapter("Dev is on hold until a person says why it may go on");
  await cutover("unhold", dev, "--reason", `GSP of ${bad} is with the vendor`);

  chapter("To prod: promoted from staging, and refused as long as nobody has approved");
  await cutover("promote", staging, prod);
  await runCutover(workspace, ["upgrade", prod], { expected: 18 });
  say(`anna has an identity of her own (${anna.username}) and may only write to the ledgers`);
  await runCutover(workspace, ["approve", prod, good, "--role", "uat"], { kubeconfig: anna.kubeconfig });
  await cutover("upgrade", prod);

  chapter("What the ledgers say");
  for (const stack of [dev, staging, prod]) await cutover("history", stack);
  for (const stack of [dev, staging, prod]) await cutover("status", stack);
  chapter("What Helm and PostgreSQL say");
  await showHelm(sandbox, infoMartReleases);
  await showSchemas(sandbox);
}

/** Waits for all, so that nothing still runs when the demo cleans up; then the first error, if any. */
async function together(work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === "rejected") throw result.reason;
}
