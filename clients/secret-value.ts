import { CutoverError } from "../model/error.ts";
import type { ConnectionReference } from "../model/operational-databases.ts";
import type { Kubernetes } from "./contracts.ts";
import { secrets } from "./kubernetes-kinds.ts";

/** The text under a key of a Secret. Throws CUT-4350 when the Secret or the key is missing; the caller registers it for redaction. */
export async function readSecretValue(kubernetes: Kubernetes, reference: ConnectionReference): Promise<string> {
  const { namespace, secret, key } = reference;
  const found = await kubernetes.get(secrets, namespace, secret);
  if (found === null) throw missing(reference, `there is no Secret ${secret} in namespace ${namespace}`);
  const encoded = found.data?.[key];
  if (encoded === undefined) {
    throw missing(reference, `it has no key ${key}; its keys: ${Object.keys(found.data ?? {}).join(", ") || "none"}`);
  }
  return Buffer.from(encoded, "base64").toString("utf8");
}

function missing({ namespace, secret, key }: ConnectionReference, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4350",
    verdict: "errored",
    happened: `nothing can be read from Secret ${namespace}/${secret}, key ${key}`,
    evidence: [problem],
    untouched: "Nothing was changed.",
    next: `kubectl -n ${namespace} create secret generic ${secret} --from-file=${key}=<file>, or correct the stack file`,
  });
}
