import { describeError } from "../../model/error.ts";
import { createSandbox } from "../create.ts";
import { createWorkspace } from "../workspace.ts";
import { chapter, quote, say } from "./narrate.ts";
import { showHelm, showLedger, showSchema } from "./show.ts";
import { runPulumi } from "./run-pulumi.ts";

// `npm run demo`: a first installation and an upgrade of Genesys Info Mart, by the real engine, on a real control plane.

const stack = "infomart-dev";
const tenant = "t100";

async function demo(): Promise<void> {
  chapter("A sandbox: cluster, PostgreSQL, Prometheus, Kafka, simulated GIM, GSP and GCA");
  const sandbox = await createSandbox({ say, prefixes: [""], tenants: [tenant] });
  try {
    quote(sandbox.parts.join("\n"));
    const workspace = await createWorkspace(sandbox);
    await workspace.editStack(stack, {
      tenants: [{ id: tenant }],
      prometheus: sandbox.prometheusUrl,
      kafka: sandbox.kafka,
      gateSettings: { "gim-lag": { windowSeconds: 3, minimumSamples: 3, timeoutSeconds: 30 } },
    });
    await workspace.initStack(stack);

    chapter(`First installation: pulumi up --stack ${stack}   (cutover:release: r2026-08)`);
    await runPulumi(workspace, ["up", "--stack", stack, "--yes", "--skip-preview"]);
    await showSchema(sandbox, tenant);

    chapter("The upgrade is one line: cutover:release: r2026-08 -> r2026-11");
    await workspace.editStack(stack, { release: "r2026-11" });
    chapter(`pulumi preview --stack ${stack}   (what will run; touches nothing)`);
    await runPulumi(workspace, ["preview", "--stack", stack]);
    chapter(`pulumi up --stack ${stack}   (preflight's 33 checks as above, now not shown again)`);
    await runPulumi(workspace, ["up", "--stack", stack, "--yes", "--skip-preview"], { brief: true });

    chapter("What the ledger in the cluster says");
    await showLedger(sandbox, stack);
    chapter("What Helm and PostgreSQL say");
    await showHelm(sandbox);
    await showSchema(sandbox, tenant);

    chapter("The same command again: nothing to do, nothing runs");
    await runPulumi(workspace, ["up", "--stack", stack, "--yes", "--skip-preview"]);

    chapter("Setting the line back is not a rollback");
    await workspace.editStack(stack, { release: "r2026-08" });
    await runPulumi(workspace, ["up", "--stack", stack, "--yes", "--skip-preview"], {
      expectRefusal: true,
      brief: true,
    });
  } finally {
    chapter("Cleaning up");
    await sandbox.stop();
    say("everything that was started has been stopped and removed");
  }
}

try {
  await demo();
} catch (error) {
  for (const line of describeError(error)) process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}
