import { setTimeout as sleep } from "node:timers/promises";
import { CutoverError } from "../../model/error.ts";
import type { NodeProcedure } from "../../model/nodes.ts";
import { runStateOf, type RunState } from "../../model/nodes/run-state.ts";
import type { SshResult } from "../../clients/ssh-contract.ts";
import type { ConnectedNode, NodeContext } from "./connect.ts";

const askMilliseconds = 60_000;
const betweenMilliseconds = 1_000;

/** What a node said of itself. */
export interface StateAnswer {
  state: RunState;
  /** Exit code and last line, for people. */
  said: string;
}

/** Asks a node whether the application runs. */
export async function askState(
  context: NodeContext,
  { ssh }: ConnectedNode,
  procedure: NodeProcedure,
): Promise<StateAnswer> {
  const options = { timeoutMilliseconds: askMilliseconds, signal: context.signal };
  const result = await ssh.run(procedure.running, options);
  return { state: runStateOf(result.exitCode), said: saidBy(result) };
}

/** Asks all nodes at once. Throws CUT-5602 when one could not tell. */
export async function askAll(
  context: NodeContext,
  connected: readonly ConnectedNode[],
  procedure: NodeProcedure,
  untouched: string,
): Promise<Map<string, RunState>> {
  const answers = await Promise.all(connected.map((one) => askState(context, one, procedure)));
  const unclear = answers.flatMap(({ state, said }, at) =>
    state === "unknown" ? [`${connected[at]?.node.name ?? ""}: ${said}`] : [],
  );
  if (unclear.length === 0)
    return new Map(connected.map(({ node }, at) => [node.name, answers[at]?.state ?? "unknown"]));
  throw new CutoverError({
    code: "CUT-5602",
    verdict: "errored",
    happened: `whether the application runs is not known on ${unclear.length} of ${connected.length} nodes`,
    evidence: [...unclear, `asked by: ${procedure.running.join(" ")} (0: runs, 1: is stopped)`],
    untouched,
    next: "Run that command on the node; repair it there or in the release set, then run the same command again.",
  });
}

/** Asks until the node is in that state; false when the deadline (milliseconds since the epoch) has passed. */
export async function untilState(
  context: NodeContext,
  connected: ConnectedNode,
  procedure: NodeProcedure,
  wanted: { state: RunState; deadline: number },
): Promise<StateAnswer & { reached: boolean }> {
  for (let asked = 0; ; asked += 1) {
    const answer = await askState(context, connected, procedure);
    if (answer.state === wanted.state) return { ...answer, reached: true };
    if (Date.now() > wanted.deadline) return { ...answer, reached: false };
    if (asked % 15 === 0) context.progress(`${connected.node.name}: waiting until it is ${wanted.state}`);
    await sleep(betweenMilliseconds, undefined, { signal: context.signal });
  }
}

/** `exit code 3: Service not found`. */
export function saidBy({ exitCode, endedBy, stdout, stderr }: SshResult): string {
  const last = `${stdout.toString("utf8")}\n${stderr}`.trim().split("\n").at(-1)?.trim().slice(0, 300) ?? "";
  const how = exitCode === null ? `ended by ${endedBy}` : `exit code ${exitCode}`;
  return last === "" ? how : `${how}: ${last}`;
}
