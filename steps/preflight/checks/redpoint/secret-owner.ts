import { secrets } from "../../../../clients/kubernetes-kinds.ts";
import { applicationSecret } from "../../../../model/redpoint/application-secret.ts";
import type { Check, PreflightContext } from "../../contract.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";
import { redpointReleases, type RedpointRelease } from "./releases.ts";

const helmName = "meta.helm.sh/release-name";
const helmNamespace = "meta.helm.sh/release-namespace";
const resourcePolicy = "helm.sh/resource-policy";

interface Owned {
  line: string;
  command: string;
}

/**
 * The application's Secret, where it has to be there before the release, does not belong to that very release: a 7.6 chart that made it
 * itself (autoCreateSecrets) leaves it in Helm's record, and Helm deletes in an upgrade what the new chart does not bring. With
 * `helm.sh/resource-policy: keep` on the object Helm leaves it alone.
 */
export const secretOwner: Check = {
  name: "redpoint-secret-owner",
  code: "CUT-3224",
  overridable: true,
  async run(context) {
    const pending = new Set((await context.pending()).map(({ name }) => name));
    const releases = redpointReleases(context).filter(({ service }) => pending.has(service.name));
    const asked = releases.filter(({ values, generation }) => applicationSecret(values, generation) !== null);
    if (asked.length === 0) return skipped("no release of this run expects a Secret that exists before");
    const owned = (await Promise.all(asked.map((release) => ownedBy(context, release)))).filter((one) => one !== null);
    if (owned.length === 0) return passed(`Helm deletes no Secret of ${count(asked.length, "release")}`);
    return failed(
      "the upgrade would delete the Secret from which Redpoint's pods read",
      owned.map(({ line }) => line),
      `let Helm keep it: ${owned.map(({ command }) => command).join("; ")}; then run the same command again`,
    );
  },
};

async function ownedBy(
  context: PreflightContext,
  { service, values, generation }: RedpointRelease,
): Promise<Owned | null> {
  const wanted = applicationSecret(values, generation);
  if (wanted === null) return null;
  const { namespace, helmRelease, name } = service;
  const annotations = (await context.object(secrets, namespace, wanted.name))?.metadata.annotations ?? {};
  if (annotations[helmName] !== helmRelease || annotations[helmNamespace] !== namespace) return null;
  if (annotations[resourcePolicy] === "keep") return null;
  return {
    line: `${name}: Secret ${namespace}/${wanted.name} belongs to the Helm release ${helmRelease} (its chart made it), and the new chart does not bring it`,
    command: `kubectl annotate secret ${wanted.name} -n ${namespace} ${resourcePolicy}=keep`,
  };
}
