import { askAgain } from "./ask-again.ts";
import type { Gate } from "./contract.ts";
import { askTarget, targetName } from "./http-target.ts";

/** Asks an address or a Service until it answers with the wanted status and body; an endpoint may come up a moment after its pods. */
export const judge: Gate<"http"> = (spec, context) => {
  const body = spec.expectBody === undefined ? null : new RegExp(spec.expectBody);
  const address = targetName(spec);
  return askAgain(spec.name, context, async () => {
    const answer = await askTarget(spec, context);
    if ("problem" in answer) {
      return { waitingFor: `${address} gives no answer: ${answer.problem}`, evidence: [answer.problem] };
    }
    const evidence = [`GET ${address}: ${answer.status}`, `body: ${answer.body.slice(0, 200)}`];
    if (answer.status !== spec.expectStatus) {
      return { waitingFor: `${address} answers ${answer.status}, wanted ${spec.expectStatus}`, evidence };
    }
    if (body !== null && !body.test(answer.body)) {
      return { waitingFor: `the body of ${address} does not match /${spec.expectBody}/`, evidence };
    }
    return {
      finding: { verdict: "passed", summary: `${address} answers ${answer.status}`, evidence: evidence.slice(0, 1) },
    };
  });
};
