// `npm run sandbox`: a sandbox and a workspace to play with, until Ctrl-C.
import { describeError } from "../model/error.ts";
import { createSandbox } from "./create.ts";
import { sandboxMarker } from "./process/registry.ts";
import { createWorkspace } from "./workspace.ts";

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const sandbox = await createSandbox({ say });
  const workspace = await createWorkspace(sandbox);
  await workspace.initStack("infomart-dev");
  await workspace.editStack("infomart-dev", {
    prometheus: sandbox.prometheusUrl,
    kafka: sandbox.kafka,
  });
  say("");
  for (const line of sandbox.parts) say(`  ${line}`);
  say("\nThe sandbox runs. In another terminal:\n");
  for (const [key, value] of Object.entries(workspace.environment)) {
    // The marker stays out: with it the shell itself would end with the sandbox.
    if (process.env[key] !== value && key !== sandboxMarker) say(`export ${key}=${quoted(value)}`);
  }
  say(`cd ${quoted(workspace.directory)}`);
  say("pulumi up --stack infomart-dev\n");
  say(`Prometheus ${sandbox.prometheusUrl}  Kafka ${sandbox.kafka ?? "none"}  simulators ${sandbox.simulators.url}`);
  say("Ctrl-C ends it and removes everything.");
  // Keeps the process alive; the signal handler of createSandbox ends it.
  setInterval(() => undefined, 3_600_000);
} catch (error) {
  for (const line of describeError(error)) process.stderr.write(`${line}\n`);
  process.exitCode = 1;
}

/** A word for a POSIX shell. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
