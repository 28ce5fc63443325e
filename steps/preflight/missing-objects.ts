import { namespaces } from "../../clients/kubernetes-kinds.ts";
import type { ResourceKind } from "../../clients/contracts.ts";
import type { PreflightService } from "../../model/step-specs.ts";
import type { PreflightContext } from "./contract.ts";

/** An object that a service expects in its namespace. */
export interface Expected {
  service: PreflightService;
  namespace: string;
  name: string;
  /** Keys of its `data` that must be there. */
  keys: readonly string[];
}

/** One line per object or key that is not there. Namespaces that are missing themselves are another check's to report. */
export async function missingObjects(
  context: PreflightContext,
  kind: ResourceKind,
  what: string,
  expected: readonly Expected[],
): Promise<string[]> {
  const unique = new Map(expected.map((one) => [`${one.namespace}/${one.name}/${[...one.keys].sort().join()}`, one]));
  const lines = await Promise.all(
    [...unique.values()].map(async ({ service, namespace, name, keys }): Promise<string[]> => {
      const found = await context.object(kind, namespace, name);
      if (found !== null) {
        const absent = keys.filter((key) => found.data?.[key] === undefined);
        return absent.map((key) => `${service.name}: ${what} ${namespace}/${name} has no key ${key}`);
      }
      if ((await context.object(namespaces, null, namespace)) === null) return [];
      return [`${service.name}: ${what} ${name} is missing in namespace ${namespace}`];
    }),
  );
  return lines.flat();
}
