import { CutoverError } from "../model/error.ts";
import type { DatabaseCredentials } from "./contracts.ts";
import { splitServer } from "./connection-server.ts";
import type { SqlServerCredentials } from "./sqlserver/contracts.ts";
import { parsePairs, type ConnectionPairs } from "./connection-pairs.ts";

// Synonyms of Microsoft.Data.SqlClient and Npgsql; keys are compared without case and blanks.
const keys = {
  server: ["server", "datasource", "address", "addr", "networkaddress", "host"],
  port: ["port"],
  database: ["database", "initialcatalog", "db"],
  user: ["userid", "uid", "user", "username"],
  password: ["password", "pwd", "psw"],
  encrypt: ["encrypt"],
  trust: ["trustservercertificate"],
  sslMode: ["sslmode"],
} as const;
const known = new Set<string>(Object.values(keys).flat());

/**
 * Reads an ADO.NET connection string for SQL Server, such as
 * `Server=tcp:sql.example,1433;Database=Pulse;User ID=rpi;Password="a;b";Encrypt=True`. Encrypt is true when it does not say.
 * `where` names the place in errors; values are never shown.
 * @throws CutoverError CUT-4258 when it is not understood.
 */
export function sqlServerCredentials(text: string, where: string): SqlServerCredentials {
  const pairs = understood(text, where);
  const refuse = (problem: string): never => fail(where, problem);
  if (isTrue(valueOf(pairs, ["integratedsecurity", "trusted_connection"])) === true) {
    refuse("Integrated Security (a Windows login) cannot be used; give User ID and Password of a SQL Server login");
  }
  const authentication = valueOf(pairs, ["authentication"]);
  if (authentication !== undefined && !/^sql\s*password$/i.test(authentication)) {
    refuse("Authentication other than Sql Password is not supported; give User ID and Password of a SQL Server login");
  }
  const { host, port, instance } = splitServer(needed(pairs, "server", where), refuse);
  const encrypt = encryption(valueOf(pairs, keys.encrypt));
  const trust = valueOf(pairs, keys.trust);
  if (encrypt === undefined) refuse("the value of Encrypt is none of True, False, Mandatory, Optional, Strict");
  if (trust !== undefined && isTrue(trust) === undefined) {
    refuse("the value of TrustServerCertificate is neither True nor False");
  }
  return {
    host,
    port: port ?? 1433,
    ...(instance === undefined || port !== undefined ? {} : { instance }),
    database: needed(pairs, "database", where),
    user: needed(pairs, "user", where),
    password: needed(pairs, "password", where),
    encrypt: encrypt !== "off",
    ...(encrypt === "strict" ? { strict: true } : {}),
    trustServerCertificate: isTrue(trust) === true && encrypt !== "strict",
  };
}

/**
 * Reads an Npgsql connection string, such as `Host=pg.example;Port=5432;Database=Pulse;Username=rpi;Password=...;SSL Mode=VerifyFull`.
 * Without SSL Mode, and for Allow and Prefer, TLS is required: those would fall back to clear text.
 * @throws CutoverError CUT-4258 when it is not understood.
 */
export function postgresCredentials(text: string, where: string): DatabaseCredentials {
  const pairs = understood(text, where);
  const host = needed(pairs, "server", where);
  const given = valueOf(pairs, keys.port) ?? "5432";
  const port = Number(given);
  if (!/^\d+$/.test(given) || port < 1 || port > 65_535) fail(where, "the value of Port is not a port number");
  if (host.includes(",")) fail(where, "Host names more than one server; give the one that can be written to");
  const modes = new Map<string, NonNullable<DatabaseCredentials["sslMode"]>>([
    ["disable", "disable"],
    ["allow", "require"],
    ["prefer", "require"],
    ["require", "require"],
    ["verifyca", "verify-ca"],
    ["verifyfull", "verify-full"],
  ]);
  const sslMode = modes.get((valueOf(pairs, keys.sslMode) ?? "prefer").toLowerCase().replaceAll(/[\s-]/g, ""));
  if (sslMode === undefined) {
    return fail(where, "the value of SSL Mode is none of Disable, Allow, Prefer, Require, VerifyCA, VerifyFull");
  }
  return {
    host,
    port,
    database: needed(pairs, "database", where),
    user: needed(pairs, "user", where),
    password: needed(pairs, "password", where),
    sslMode,
  };
}

/** What must not be shown of a connection string, even of one that is not understood otherwise: its password, else all of it. */
export function secretsIn(text: string): string[] {
  const parsed = parsePairs(withoutPrefix(text), known);
  if ("problem" in parsed) return [text];
  const password = valueOf(parsed.pairs, keys.password);
  return password === undefined || password === "" ? [] : [password];
}

function understood(text: string, where: string): ConnectionPairs {
  const parsed = parsePairs(withoutPrefix(text), known);
  return "problem" in parsed ? fail(where, parsed.problem) : parsed.pairs;
}

/** Redpoint marks strings for PostgreSQL as `PostgreSQL:Server=...` (facts/domain.md A5). */
function withoutPrefix(text: string): string {
  return text.trim().replace(/^PostgreSQL:/i, "");
}

function valueOf(pairs: ConnectionPairs, names: readonly string[]): string | undefined {
  return names.map((name) => pairs.get(name)).findLast((value) => value !== undefined);
}

function needed(pairs: ConnectionPairs, key: "server" | "database" | "user" | "password", where: string): string {
  const value = valueOf(pairs, keys[key]);
  if (value !== undefined && value !== "") return value;
  const spelled = {
    server: "Server (or Host)",
    database: "Database",
    user: "User ID (or Username)",
    password: "Password",
  };
  // Other keys may be pieces of a password with a semicolon in it.
  const present = [...pairs.keys()].filter((name) => known.has(name)).join(", ") || "none";
  const unknown = [...pairs.keys()].filter((name) => !known.has(name)).length;
  return fail(where, `${spelled[key]} is missing; keys that are there: ${present}, and ${unknown} others`);
}

function encryption(value: string | undefined): "on" | "off" | "strict" | undefined {
  switch ((value ?? "true").toLowerCase()) {
    case "true":
    case "yes":
    case "mandatory":
      return "on";
    case "false":
    case "no":
    case "optional":
      return "off";
    case "strict":
      return "strict";
    default:
      return undefined;
  }
}

function isTrue(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(true|yes|sspi)$/i.test(value)) return true;
  return /^(false|no)$/i.test(value) ? false : undefined;
}

function fail(where: string, problem: string): never {
  throw new CutoverError({
    code: "CUT-4258",
    verdict: "errored",
    happened: `The connection string in ${where} is not understood.`,
    evidence: [problem],
    untouched: "Nothing was connected to.",
    next: "Correct the value in the Secret. SQL Server: Server=tcp:<host>,<port>;Database=<core database>;User ID=<login>;Password=<password>. PostgreSQL: Host=<host>;Port=<port>;Database=<core database>;Username=<user>;Password=<password>. Values with ; or blanks at their ends stand in double quotes.",
    exitCode: 17,
  });
}
