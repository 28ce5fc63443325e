import { describeError } from "../../../model/error.ts";
import type { PreflightService } from "../../../model/step-specs.ts";
import type { Check } from "../contract.ts";
import { count, failed, passed } from "../outcome.ts";

/** Charts and values render, new and to go back to: Helm reports a schema error only in the update (experiments.md 6). */
export const render: Check = {
  name: "render",
  code: "CUT-3111",
  overridable: false,
  async run(context) {
    const services = await context.pending();
    const names = new Set(services.map((service) => service.name));
    const back = context.spec.waysBack.flatMap((way) =>
      way.target !== null && names.has(way.service) ? [way.target] : [],
    );
    const problemOf = async (service: PreflightService): Promise<string[]> =>
      context.render(service).then(
        () => [],
        (error: unknown) => [`${service.name} of ${service.releaseSet}: ${describeError(error).join(" ")}`],
      );
    const problems = (await Promise.all([...services, ...back].map(problemOf))).flat();
    if (problems.length === 0)
      return passed(`${count(services.length, "chart")} to run and ${back.length} to go back to render`);
    return failed(
      "a chart does not render with its values",
      problems,
      "correct the values (stacks/<platform>/values or the release set) until `helm template` accepts them",
    );
  },
};
