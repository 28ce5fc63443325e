import { messageOf, type CutoverError } from "../../model/error.ts";
import { connectError } from "./connect-error.ts";
import type { SqlMessage, SqlServerCredentials } from "./contracts.ts";
import { SqlServerError, type SqlFailure } from "./sql-error.ts";

/** The parts of the package's errors that are used. */
interface PackageError extends Error {
  code?: unknown;
  number?: unknown;
  precedingErrors?: unknown;
}

/** Codes with which mssql and tedious say that the connection is gone. */
const lostCodes = new Set(["ESOCKET", "ECLOSE", "ECONNCLOSED", "ECONNRESET", "EPIPE", "EINVALIDSTATE", "ENOTOPEN"]);

/**
 * What a failed statement means: the server's errors in their order (mssql throws the last one, the others are its
 * precedingErrors), or the way in which the connection ended. `loginMessages`: of a login that was tried for this statement.
 */
export function statementError(
  credentials: SqlServerCredentials,
  server: string,
  cause: unknown,
  loginMessages: readonly SqlMessage[],
): CutoverError {
  // No connection could be had for the statement: it was not sent.
  if (cause instanceof Error && cause.name === "ConnectionError" && codeOf(cause) !== "ECONNCLOSED") {
    return connectError(credentials, cause, loginMessages);
  }
  const errors = allErrors(cause);
  const hide = (text: string): string =>
    credentials.password === "" ? text : text.replaceAll(credentials.password, "[redacted]");
  const messages = errors.map((error) => ({ number: numberOf(error), text: hide(error.message) }));
  return new SqlServerError(
    { failure: failureOf(errors), server, messages: messages.length > 0 ? messages : [unknown(cause, hide)] },
    { cause },
  );
}

function failureOf(errors: readonly PackageError[]): SqlFailure {
  const has = (test: (code: string) => boolean): boolean => errors.some((error) => test(codeOf(error)));
  if (has((code) => code === "ETIMEOUT")) return "timeout";
  if (has((code) => lostCodes.has(code))) return "lost";
  if (has((code) => code === "ECANCEL")) return "cancelled";
  // Severity 20 and above ends the connection; a number is the server's own answer.
  return errors.some((error) => numberOf(error) > 0) ? "refused" : "lost";
}

function allErrors(cause: unknown): PackageError[] {
  if (!(cause instanceof Error)) return [];
  const error: PackageError = cause;
  const preceding: unknown[] = Array.isArray(error.precedingErrors) ? error.precedingErrors : [];
  return [...preceding.filter((one): one is PackageError => one instanceof Error), error];
}

function codeOf(error: PackageError): string {
  return typeof error.code === "string" ? error.code : "";
}

function numberOf(error: PackageError): number {
  return typeof error.number === "number" ? error.number : 0;
}

function unknown(cause: unknown, hide: (text: string) => string): SqlMessage {
  return { number: 0, text: hide(messageOf(cause)) };
}
