import { describeRange, judgeRange } from "../../../model/version.ts";
import type { Check } from "../contract.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** Kafka answers, where it is configured or the release set asks for it. */
export const kafka: Check = {
  name: "kafka",
  code: "CUT-3132",
  overridable: true,
  async run({ spec, request }) {
    const range = spec.thirdParties["kafka"];
    if (spec.kafka === null) {
      if (range === undefined) return skipped("neither the stack nor the release set names Kafka");
      // Dev may run without: there is no broker on many engineers' machines. Said loudly, and never so in staging or prod.
      if (request.environment === "dev")
        return skipped(
          `NOT CHECKED: cutover:kafka is not set, though ${request.target.releaseSet} needs ${describeRange(range)}`,
        );
      return failed(
        `${request.target.releaseSet} needs Kafka (${describeRange(range)}), but the stack names none`,
        [],
        `set cutover:kafka: host:port[,host:port] in stacks/Pulumi.${request.stack}.yaml, or override kafka with the reason`,
      );
    }
    const { askKafka } = await import("../../../clients/kafka.ts");
    const facts = await askKafka(spec.kafka);
    const verdict = judgeRange(facts.release, range ?? {});
    const brokers = facts.brokers === null ? "" : `, ${facts.brokers} broker(s)`;
    const evidence = facts.unreachable.map((server) => `no answer from ${server}`);
    if (verdict === "within") return passed(`Kafka ${facts.release} or later at ${facts.server}${brokers}`, evidence);
    return failed(
      `Kafka is ${verdict === "below" ? "too old" : "too new"}`,
      [`${facts.server} speaks the protocol of ${facts.release}`, `wanted: ${describeRange(range ?? {})}`, ...evidence],
      "upgrade the third party before the services (seed 001), or choose a release set for this version",
    );
  },
};
