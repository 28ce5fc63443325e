import type { Check } from "../contract.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** Prometheus is ready when a gate of this run will ask it: found out before the upgrade, not after it. */
export const prometheus: Check = {
  name: "prometheus",
  code: "CUT-3133",
  overridable: true,
  async run({ spec, pending, signal, request }) {
    const asking = (await pending()).flatMap((service) =>
      service.gates
        .filter((gate) => gate.kind === "promql" || gate.kind === "metric")
        .map((gate) => `${service.name}: ${gate.name}`),
    );
    if (asking.length === 0) return skipped("no gate of this run asks Prometheus");
    if (spec.prometheus === null) {
      return failed(
        `${count(asking.length, "gate")} need Prometheus, but the stack names none`,
        asking.slice(0, 10),
        `set cutover:prometheus: http://... in stacks/Pulumi.${request.stack}.yaml`,
      );
    }
    const { createPrometheus } = await import("../../../clients/prometheus.ts");
    await createPrometheus(spec.prometheus, { signal }).ready();
    return passed(`Prometheus is ready for ${count(asking.length, "gate")}`);
  },
};
