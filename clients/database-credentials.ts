import * as z from "zod";
import { CutoverError } from "../model/error.ts";
import type { DatabaseReference } from "../model/service.ts";
import type { DatabaseCredentials, Kubernetes } from "./contracts.ts";
import { secrets } from "./kubernetes-kinds.ts";

const sslModes = ["disable", "require", "verify-ca", "verify-full"] as const;
const document = z.looseObject({
  db_hostname: z.string().min(1),
  db_port: z.coerce.number().int().min(1).max(65_535).default(5432),
  db_name: z.string().min(1),
  db_username: z.string().min(1),
  db_password: z.string().optional(),
  db_sslmode: z.enum(sslModes).optional(),
  /** PEM text of the certificate authority. */
  db_sslrootcert: z.string().optional(),
});

/**
 * Reads the connection facts of a service's database from its Secret (facts/domain.md B1). The password is replaced by the environment
 * variable CUTOVER_DATABASE_PASSWORD when that is set.
 * @throws CutoverError CUT-4202 when the Secret, the key or a field of the JSON is missing or wrong; its content is never shown.
 */
export async function readCredentials(
  kubernetes: Kubernetes,
  reference: DatabaseReference,
): Promise<DatabaseCredentials> {
  const { namespace, secret, key } = reference;
  const where = `Secret ${namespace}/${secret}, key ${key}`;
  const found = await kubernetes.get(secrets, namespace, secret);
  if (found === null) throw unusable(where, `there is no Secret ${secret} in namespace ${namespace}`);
  const encoded = found.data?.[key];
  if (encoded === undefined) {
    throw unusable(
      where,
      `the Secret has no key ${key}; its keys: ${Object.keys(found.data ?? {}).join(", ") || "none"}`,
    );
  }
  return parseCredentials(
    Buffer.from(encoded, "base64").toString("utf8"),
    where,
    process.env["CUTOVER_DATABASE_PASSWORD"],
  );
}

/** The same from the JSON text itself; `where` names the place in errors. */
export function parseCredentials(text: string, where: string, password?: string): DatabaseCredentials {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is secret: it is dropped on purpose.
    throw unusable(where, "its value is not JSON");
  }
  const parsed = document.safeParse(json);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".") || "(the whole value)"))];
    throw unusable(where, `missing or wrong in its JSON: ${names.join(", ")}`);
  }
  const { data } = parsed;
  const chosen = password === undefined || password === "" ? data.db_password : password;
  if (chosen === undefined) throw unusable(where, "missing or wrong in its JSON: db_password");
  return {
    host: data.db_hostname,
    port: data.db_port,
    database: data.db_name,
    user: data.db_username,
    password: chosen,
    ...(data.db_sslmode === undefined ? {} : { sslMode: data.db_sslmode }),
    ...(data.db_sslrootcert === undefined ? {} : { rootCertificate: data.db_sslrootcert }),
  };
}

function unusable(where: string, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-4202",
    verdict: "errored",
    happened: `The database credentials cannot be read from ${where}.`,
    evidence: [problem],
    next: "Put JSON {db_hostname, db_port?, db_name, db_username, db_password, db_sslmode?} under that key, or correct cutover:database in the stack file.",
  });
}
