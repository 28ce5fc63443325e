import {
  intermediateStops,
  oldestRunning,
  skewProblems,
  supportedSkew,
  type Move,
  type SkewProblem,
} from "../../../model/skew.ts";
import type { Check } from "../contract.ts";
import { count, errored, failed, passed } from "../outcome.ts";
import type { ServiceState } from "../service-state.ts";

/** N-2 over the ordered list, per service and across services (seed 001). */
export const skew: Check = {
  name: "skew",
  code: "CUT-3116",
  overridable: true,
  async run({ states, spec, request }) {
    const all = await states();
    const moves = all.map(moveOf);
    const problems = skewProblems(moves, spec.releaseOrder);
    if (problems.length > 0) {
      // Pairs follow from a service that goes too far by itself.
      const alone = problems.filter((problem) => problem.with === null);
      const oldest = oldestRunning(moves, spec.releaseOrder);
      const stops = oldest === null ? [] : intermediateStops(oldest, request.target.releaseSet, spec.releaseOrder);
      const path = [...stops, request.target.releaseSet].join(", then ");
      return failed(
        `more than ${supportedSkew} releases apart (N-${supportedSkew})`,
        (alone.length > 0 ? alone : problems).map(describe),
        stops.length > 0
          ? `go in steps: set cutover:release to ${path} in stacks/Pulumi.${request.stack}.yaml, with one verified \`pulumi up\` each`
          : `bring the services closer together: correct cutover:pins in stacks/Pulumi.${request.stack}.yaml`,
      );
    }
    const unknown = all.filter((state) => state.newest !== null && state.running === null);
    if (unknown.length === 0) return passed(`${count(moves.length, "service")} within N-${supportedSkew}`);
    return errored(
      "it is not known which release set some services run",
      unknown.map(
        (state) =>
          `${state.service.name}: chart ${state.newest?.chartVersion ?? "?"}, ${state.newest?.description ?? ""}`,
      ),
      "find out that they are at most two releases behind, then override the check skew with that reason",
    );
  },
};

function moveOf({ service, running, pending }: ServiceState): Move {
  // What is not changed by this run is what the wanted release set contains, whatever name it was verified under.
  const from = pending ? (running?.oldest ?? null) : service.releaseSet;
  return { service: service.name, from, to: service.releaseSet };
}

function describe(problem: SkewProblem): string {
  const other = problem.with;
  return other === null
    ? `${problem.service}: ${problem.distance} releases to ${problem.release}`
    : `${problem.service} at ${problem.release} beside ${other.service} at ${other.release}: ${problem.distance} releases apart`;
}
