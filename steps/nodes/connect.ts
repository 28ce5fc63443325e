import { CutoverError, describeError } from "../../model/error.ts";
import type { NodeProcedure, NodeSettings } from "../../model/nodes.ts";
import { connectSsh } from "../../clients/ssh.ts";
import type { SshConnection } from "../../clients/ssh-contract.ts";
import { readSecretValue } from "../../clients/secret-value.ts";
import type { StepContext } from "../context.ts";
import { keepSecret } from "../redaction.ts";

/** What work on nodes needs of its caller; a step's context has it. */
export type NodeContext = Pick<StepContext, "root" | "signal" | "progress" | "kubernetes">;

/** A node and the login on it. */
export interface ConnectedNode {
  node: NodeSettings;
  ssh: SshConnection;
}

/**
 * Logs in on all nodes, does the work, and ends the connections. When a node cannot be used, all that cannot are named and no work is begun:
 * the node's own error (CUT-43xx), or CUT-5601 for several.
 */
export async function withNodes<Result>(
  context: NodeContext,
  nodes: readonly NodeSettings[],
  procedure: NodeProcedure,
  work: (connected: ConnectedNode[]) => Promise<Result>,
): Promise<Result> {
  const attempts = await Promise.allSettled(nodes.map((node) => connectNode(context, node, procedure)));
  const connected = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));
  try {
    const problems = attempts.flatMap((attempt) => (attempt.status === "rejected" ? [attempt.reason as unknown] : []));
    if (problems.length === 1) throw problems[0];
    if (problems.length > 1) throw unusable(problems, nodes.length);
    return await work(connected);
  } finally {
    for (const { ssh } of connected) ssh.close();
  }
}

async function connectNode(context: NodeContext, node: NodeSettings, procedure: NodeProcedure): Promise<ConnectedNode> {
  const privateKey = await readSecretValue(await context.kubernetes(), node.privateKey);
  keepPrivateKey(privateKey);
  const { name, address, port, user, hostKey } = node;
  const target = { node: name, address, port, user, hostKey, privateKey, system: procedure.system };
  return { node, ssh: await connectSsh(target, { signal: context.signal }) };
}

/** The whole text and each of its lines: a tool that quotes a part of it quotes lines. */
function keepPrivateKey(text: string): void {
  keepSecret(text.trim());
  for (const line of text.split(/\r?\n/)) if (line.length >= 16 && !line.startsWith("-----")) keepSecret(line);
}

function unusable(problems: readonly unknown[], total: number): CutoverError {
  const failed = problems.some((problem) => problem instanceof CutoverError && problem.details.verdict === "failed");
  return new CutoverError({
    code: "CUT-5601",
    verdict: failed ? "failed" : "errored",
    happened: `${problems.length} of ${total} nodes cannot be used`,
    evidence: problems.flatMap(describeError),
    untouched: "No command was run on any node.",
    next: "Do what is said above for each of them, then run the same command again.",
  });
}
