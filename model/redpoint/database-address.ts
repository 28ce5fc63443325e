import { readAddress as readServer } from "../operational/server-address.ts";

/** What a connection string says of the database behind it. `password` must never be printed. */
export interface DatabaseAddress {
  provider: "sqlserver" | "postgresql";
  /** Small letters, without protocol, port and trailing dot; this machine is `127.0.0.1`. */
  host: string;
  /** Named instance, small letters; null: the default one. */
  instance: string | null;
  port: number;
  database: string;
  user: string;
  password: string;
  encrypt: boolean | null;
}

const names: Record<string, keyof Fields> = {
  server: "server",
  "data source": "server",
  datasource: "server",
  host: "server",
  address: "server",
  addr: "server",
  "network address": "server",
  port: "port",
  database: "database",
  "initial catalog": "database",
  uid: "user",
  "user id": "user",
  user: "user",
  username: "user",
  pwd: "password",
  password: "password",
  encrypt: "encrypt",
};
interface Fields {
  server?: string;
  port?: string;
  database?: string;
  user?: string;
  password?: string;
  encrypt?: string;
}

/**
 * Reads the parts of an ADO.NET or Npgsql connection string; RPI marks the latter by `PostgreSQL:` in front (facts/domain.md A5). Null
 * when it names no server.
 */
export function readAddress(text: string): DatabaseAddress | null {
  const marked = /^\s*postgresql\s*:/i.exec(text);
  const fields = fieldsOf(marked === null ? text : text.slice(marked[0].length));
  if (fields.server === undefined || fields.server === "") return null;
  const postgresql = marked !== null || fields.port !== undefined;
  const place = readServer(fields.server);
  return {
    provider: postgresql ? "postgresql" : "sqlserver",
    host: place.host,
    instance: place.instance,
    port: Number(fields.port ?? place.port ?? (postgresql ? 5432 : 1433)),
    database: fields.database ?? "",
    user: fields.user ?? "",
    password: fields.password ?? "",
    encrypt: fields.encrypt === undefined ? null : !/^(false|no|optional)$/i.test(fields.encrypt),
  };
}

/** True when both lead to the same server, as far as names tell: an alias can hide it. */
export function sameServer(one: DatabaseAddress, other: DatabaseAddress): boolean {
  const instances = one.instance === other.instance;
  // With a named instance the port is found out by the server's browser: it does not count.
  return one.host === other.host && instances && (one.instance !== null || one.port === other.port);
}

/** `host:port` or `host\instance`. */
export function serverText({ host, instance, port }: DatabaseAddress): string {
  return instance === null ? `${host}:${port}` : `${host}\\${instance}`;
}

// Values may stand in quotes, in which a doubled quote means one.
function fieldsOf(text: string): Fields {
  const fields: Fields = {};
  const pattern = /\s*([^=;]+?)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^;]*))\s*(?:;|$)/g;
  for (const [, key = "", double, single, plain] of text.matchAll(pattern)) {
    const name = names[key.toLowerCase()];
    const value = double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain?.trim() ?? "";
    if (name !== undefined) fields[name] = value;
  }
  return fields;
}
