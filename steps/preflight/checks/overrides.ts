import type { Check } from "../contract.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** Overrides name checks that exist and may be overridden. `others`: all checks but this one. */
export function overridesCheck(others: readonly Check[]): Check {
  return {
    name: "overrides",
    code: "CUT-3103",
    overridable: false,
    run({ spec, request }) {
      const known = new Map(others.map((check) => [check.name, check]));
      const problems = spec.overrides.flatMap(({ check }) => {
        const named = known.get(check);
        if (named === undefined) return [`${check}: there is no such check`];
        return named.overridable ? [] : [`${check}: this check can't be overridden`];
      });
      if (spec.overrides.length === 0) return Promise.resolve(skipped("the stack file has no overrides"));
      if (problems.length === 0)
        return Promise.resolve(passed(`${count(spec.overrides.length, "override")} in the stack file`));
      const names = others.flatMap((check) => (check.overridable ? [check.name] : []));
      return Promise.resolve(
        failed(
          "an override in the stack file cannot be used",
          [...problems, `checks that can be overridden: ${names.join(", ")}`],
          `correct or remove it under cutover:overrides in stacks/Pulumi.${request.stack}.yaml`,
        ),
      );
    },
  };
}
