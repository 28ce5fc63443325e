import { runProcess } from "../../clients/process.ts";
import type { Gate } from "./contract.ts";

/**
 * The user's own check: exit 0 passes, exit 1 fails, everything else (and the time-out) could not tell. It gets the service's names in its
 * environment, never a secret. Its last line on stdout is the summary.
 */
export const judge: Gate<"command"> = async (spec, context) => {
  const { service } = context;
  const result = await runProcess(spec.command, {
    environment: {
      CUTOVER_SERVICE: service.name,
      CUTOVER_ROLE: service.role,
      CUTOVER_TENANT: service.tenant ?? "",
      CUTOVER_NAMESPACE: service.namespace,
      CUTOVER_HELM_RELEASE: service.helmRelease,
      CUTOVER_RELEASE_SET: service.releaseSet,
      CUTOVER_IMAGE_TAG: service.image?.tag ?? "",
    },
    timeoutMilliseconds: Math.max(1, context.deadline - Date.now()),
    signal: context.signal,
    onStderrLine: (line) => {
      context.say(`${service.name} ${spec.name}: ${line}`);
    },
  });
  const said = lastLines(result.stdout);
  const evidence = [`command: ${spec.command.join(" ")}`, ...said.map((line) => `stdout: ${line}`)];
  const errors = lastLines(result.stderr).map((line) => `stderr: ${line}`);
  if (result.timedOut || result.aborted) {
    return {
      verdict: "errored",
      summary: "the command did not end in time and was stopped",
      evidence: [...evidence, ...errors],
    };
  }
  if (result.exitCode === 0) return { verdict: "passed", summary: said.at(-1) ?? "exit code 0", evidence };
  const how = result.exitCode === null ? `ended by ${result.endedBy ?? "a signal"}` : `exit code ${result.exitCode}`;
  if (result.exitCode === 1) {
    return { verdict: "failed", summary: said.at(-1) ?? how, evidence: [...evidence, ...errors] };
  }
  return { verdict: "errored", summary: `the command could not tell: ${how}`, evidence: [...evidence, ...errors] };
};

function lastLines(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-5).map((line) => line.slice(0, 500));
}
