import { textAt, listAt, type ClusterObject } from "../../model/cluster-object.ts";
import { troublesOf } from "../../model/pod-trouble.ts";
import type { Finding, Gate } from "./contract.ts";
import { healthNow } from "./watch-health.ts";

/**
 * Runs a command in a ready pod of the release, once: it may change something (the export views' migration job does), so it is never
 * repeated. Exit code 0 and matching output pass; a command whose end is not known is `errored`.
 */
export const judge: Gate<"exec"> = async (spec, context) => {
  const { kubernetes, service } = context;
  const pattern = spec.expectOutput === undefined ? null : new RegExp(spec.expectOutput);
  const { namespace, helmRelease } = service;
  const health = await healthNow(kubernetes, { namespace, helmRelease, imageTag: null });
  const pod = health.pods.find((candidate) => troublesOf(candidate).length === 0);
  if (pod === undefined) {
    const evidence = health.pods.map((candidate) => `pod ${candidate.metadata.name} is not ready`);
    return { verdict: "failed", summary: `no ready pod of ${helmRelease} to run the command in`, evidence };
  }
  const container = spec.container ?? defaultContainer(pod);
  const timeoutMilliseconds = Math.max(1, context.deadline - Date.now());
  const options = { timeoutMilliseconds, signal: context.signal };
  const { exitCode, stdout, stderr } = await kubernetes.exec(
    namespace,
    pod.metadata.name,
    container,
    spec.command,
    options,
  );
  const said = [...lastLines("stdout", stdout), ...lastLines("stderr", stderr)];
  const evidence = [`pod ${pod.metadata.name}: ${spec.command.join(" ")}: exit code ${exitCode}`, ...said];
  const finding = (verdict: Finding["verdict"], summary: string): Finding => ({ verdict, summary, evidence });
  if (exitCode !== 0) return finding("failed", `the command ended with exit code ${exitCode}`);
  if (pattern !== null && !pattern.test(stdout))
    return finding("failed", `its output does not match /${spec.expectOutput}/`);
  return finding("passed", `exit code 0 in pod ${pod.metadata.name}`);
};

// As kubectl does it.
function defaultContainer(pod: ClusterObject): string | undefined {
  const annotated = pod.metadata.annotations?.["kubectl.kubernetes.io/default-container"];
  const first = textAt(listAt(pod.spec, "containers")[0], "name");
  return annotated ?? (first === "" ? undefined : first);
}

function lastLines(stream: string, text: string): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.slice(-5).map((line) => `${stream}: ${line.slice(0, 500)}`);
}
