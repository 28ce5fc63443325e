import { CutoverError } from "../model/error.ts";
import type { ConnectionReference } from "../model/operational-databases.ts";
import { secretsIn } from "./connection-string.ts";
import type { Kubernetes } from "./contracts.ts";
import { secrets as secretKind } from "./kubernetes-kinds.ts";

/**
 * Reads a connection string from its Secret, with everything in it that must not be shown.
 * @throws CutoverError CUT-4259 when the Secret or the key is missing or empty.
 */
export async function readConnectionString(
  kubernetes: Pick<Kubernetes, "get">,
  reference: ConnectionReference,
): Promise<{ text: string; secrets: string[] }> {
  const { namespace, secret, key } = reference;
  const found = await kubernetes.get(secretKind, namespace, secret);
  if (found === null) throw unusable(reference, `there is no Secret ${secret} in namespace ${namespace}`);
  const encoded = found.data?.[key];
  if (encoded === undefined) {
    const keys = Object.keys(found.data ?? {}).join(", ") || "none";
    throw unusable(reference, `the Secret has no key ${key}; its keys: ${keys}`);
  }
  const text = Buffer.from(encoded, "base64").toString("utf8").trim();
  if (text === "") throw unusable(reference, `the value of key ${key} is empty`);
  return { text, secrets: [...secretsIn(text), text] };
}

/** `Secret redpoint/rpi-secrets, key ConnectionString`. */
export function secretPlace({ namespace, secret, key }: ConnectionReference): string {
  return `Secret ${namespace}/${secret}, key ${key}`;
}

function unusable(reference: ConnectionReference, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4259",
    verdict: "errored",
    happened: `The connection string cannot be read from ${secretPlace(reference)}.`,
    evidence: [problem],
    untouched: "Nothing was connected to.",
    next: "Put the connection string under that key, or correct cutover:operationalDatabases in the stack file.",
    exitCode: 17,
  });
}
