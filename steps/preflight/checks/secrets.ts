import { configMaps, secrets as secretKind } from "../../../clients/kubernetes-kinds.ts";
import type { Check } from "../contract.ts";
import { missingObjects, type Expected } from "../missing-objects.ts";
import { count, failed, passed } from "../outcome.ts";

/** Secrets and ConfigMaps that the charts refer to exist with their keys: TLS, credentials, the database's. */
export const secrets: Check = {
  name: "secrets",
  code: "CUT-3152",
  overridable: true,
  async run(context) {
    const wanted: Expected[] = [];
    const maps: Expected[] = [];
    for (const service of await context.renderable()) {
      const { namespace, database } = service;
      const found = await context.references(service);
      for (const [name, keys] of found.secrets) wanted.push({ service, namespace, name, keys: [...keys] });
      for (const name of found.tlsSecrets) wanted.push({ service, namespace, name, keys: ["tls.crt", "tls.key"] });
      for (const name of found.configMaps) maps.push({ service, namespace, name, keys: [] });
      if (database !== null) {
        wanted.push({ service, namespace: database.namespace, name: database.secret, keys: [database.key] });
      }
    }
    const missing = [
      ...(await missingObjects(context, secretKind, "Secret", wanted)),
      ...(await missingObjects(context, configMaps, "ConfigMap", maps)),
    ];
    if (missing.length === 0) return passed(`${count(wanted.length + maps.length, "reference")} of the charts there`);
    return failed(
      "a Secret or ConfigMap that a chart refers to is missing",
      missing,
      "create it with these keys before the upgrade",
    );
  },
};
