// STAND-IN: how the simulated Redpoint reads its connection strings. Own code on purpose: a mistake in the product's reader shows up here.
import type { Provider } from "../../sqlserver/redpoint-dialect.ts";

/** Where a database is; `password` must never be printed. */
export interface RedpointConnection {
  provider: Provider;
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  encrypt: boolean;
  trustServerCertificate: boolean;
}

const synonyms: Record<string, keyof RedpointConnection> = {
  server: "host",
  host: "host",
  "data source": "host",
  address: "host",
  port: "port",
  database: "database",
  "initial catalog": "database",
  "user id": "user",
  uid: "user",
  user: "user",
  username: "user",
  password: "password",
  pwd: "password",
  encrypt: "encrypt",
  trustservercertificate: "trustServerCertificate",
  "trust server certificate": "trustServerCertificate",
};

/**
 * Reads `Server=tcp:<host>,<port>;Database=...;User ID=...;Password=...` or `PostgreSQL:Server=...` (facts/domain.md A5).
 * Throws without the text, which holds a password.
 */
export function readConnectionString(text: string): RedpointConnection {
  const postgresql = text.startsWith("PostgreSQL:");
  const found = new Map<keyof RedpointConnection, string>();
  for (const [key, value] of pairs(postgresql ? text.slice("PostgreSQL:".length) : text)) {
    const field = synonyms[key.toLowerCase()];
    if (field !== undefined) found.set(field, value);
  }
  const wanted = (field: keyof RedpointConnection): string => {
    const value = found.get(field);
    if (value === undefined || value === "") throw new Error(`the connection string has no ${field}`);
    return value;
  };
  const yes = (field: keyof RedpointConnection): boolean =>
    /^(true|yes|mandatory|strict)$/i.test(found.get(field) ?? "");
  const [host = "", port] = wanted("host").replace(/^tcp:/i, "").split(",");
  return {
    provider: postgresql ? "postgresql" : "sqlserver",
    host: host.trim(),
    port: Number(port ?? found.get("port") ?? (postgresql ? 5432 : 1433)),
    database: wanted("database"),
    user: wanted("user"),
    password: wanted("password"),
    encrypt: yes("encrypt"),
    trustServerCertificate: yes("trustServerCertificate"),
  };
}

// A value may stand in quotes, in which `;` is text and a doubled quote is one.
function pairs(text: string): [string, string][] {
  const found: [string, string][] = [];
  const pattern = /\s*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*?))\s*(?:;|$)/gy;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, key = "", double, single, plain] = match;
    found.push([key, double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain ?? ""]);
  }
  return found;
}
