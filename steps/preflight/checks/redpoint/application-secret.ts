import { secrets } from "../../../../clients/kubernetes-kinds.ts";
import { applicationSecret } from "../../../../model/redpoint/application-secret.ts";
import { assistantValues } from "../../../../model/redpoint/assistant-values.ts";
import { readAssistant } from "../../../../model/redpoint/upgrade-assistant.ts";
import type { Check, PreflightContext } from "../../contract.ts";
import { missingObjects, type Expected } from "../../missing-objects.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";
import { secretText } from "../../secret-values.ts";
import { redpointReleases } from "./releases.ts";

/** The Secret from which v7's pods read exists with every key that the values ask for, where the chart does not make it. */
export const applicationSecretCheck: Check = {
  name: "redpoint-secret",
  code: "CUT-3205",
  overridable: true,
  async run(context) {
    const expected = redpointReleases(context).flatMap(({ service, values, generation }): Expected[] => {
      const wanted = applicationSecret(values, generation);
      return wanted === null ? [] : [{ service, namespace: service.namespace, ...wanted }];
    });
    if (expected.length === 0) return skipped("the chart makes its Secret, or the pods read a vault");
    const missing = await missingObjects(context, secrets, "Secret", expected);
    if (missing.length === 0) {
      const keys = new Set(expected.flatMap((one) => one.keys)).size;
      return passed(`${count(expected.length, "Secret")} with ${count(keys, "key")} there`);
    }
    const known = offered(context).filter((key) => missing.some((line) => line.endsWith(` ${key}`)));
    return failed(
      "the Secret of Redpoint Interaction lacks something",
      [...missing, ...(known.length === 0 ? [] : [`the Upgrade Assistant's output has ${known.join(", ")} of v6`])],
      `${commands(missing, expected)}; keys: docs/redpoint-values.md`,
    );
  },
};

/** What to type: a Secret that is there gets keys, one that is not is made (`rpihelmcli secrets` makes it too). */
function commands(missing: readonly string[], expected: readonly Expected[]): string {
  const concerned = expected.filter(({ service }) => missing.some((line) => line.startsWith(`${service.name}: `)));
  return concerned
    .map(({ service, namespace, name }) =>
      missing.some((line) => line === `${service.name}: Secret ${name} is missing in namespace ${namespace}`)
        ? `kubectl create secret generic ${name} -n ${namespace} --from-env-file=FILE`
        : `kubectl patch secret ${name} -n ${namespace} --type merge --patch-file=FILE, with the keys under stringData`,
    )
    .join("; ");
}

/** Keys for which the Assistant's output has what v6 uses. That it cannot be read is another check's to say. */
function offered(context: PreflightContext): string[] {
  const text = secretText(context.spec);
  if (text === null) return [];
  try {
    const mode = context.spec.operationalDatabases?.mode ?? "inPlace";
    const target = { generation: "from77", mode, realtimeReleases: 0 } as const;
    return Object.keys(assistantValues(readAssistant(text), target).secretKeys);
  } catch {
    return [];
  }
}
