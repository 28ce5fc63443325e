import { CutoverError, messageOf } from "../../model/error.ts";
import type { SqlMessage, SqlServerCredentials } from "./contracts.ts";
import { messageText } from "./sql-error.ts";

/** OpenSSL's and Node's codes for a certificate that is not trusted, not valid any more, or of another name. */
const certificateCodes =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_[A-Z_]+|ERR_TLS_CERT_ALTNAME_INVALID|ERR_TLS_CERT_[A-Z_]+|INVALID_(CA|PURPOSE))$/;

/** Database is not there (4060, 911), may not be entered (916), is not usable now (40613, 922, 927, 942, 945). */
const databaseErrors = new Set([4060, 4063, 4064, 911, 916, 922, 927, 942, 945, 40613]);

/** Also marks that the connection was going to be sent in clear although encryption was asked for. */
export const notEncrypted = "ENOTENCRYPTED";

/**
 * What a failed login means for people. `messages`: errors that the server sent during the login.
 * @returns CUT-4251 cannot be reached, CUT-4252 login refused, CUT-4253 database missing, CUT-4254 certificate not trusted.
 */
export function connectError(
  credentials: SqlServerCredentials,
  cause: unknown,
  messages: readonly SqlMessage[],
): CutoverError {
  const { host, port, instance, database, user, password } = credentials;
  const server = instance === undefined ? `${host}:${port}` : `${host}\\${instance}`;
  const hide = (text: string): string => (password === "" ? text : text.replaceAll(password, "[redacted]"));
  const said = messages.map((message) => hide(messageText(message)));
  const chain = causes(cause);
  // The outer errors only repeat what the innermost say.
  const innermost = chain.filter((error) => causes(error).length === 1);
  const evidence = said.length > 0 ? said : [...new Set(innermost.map((error) => hide(plainText(error))))];
  const details = { verdict: "errored", evidence, untouched: "Nothing was sent but the login.", exitCode: 17 } as const;
  const made = (code: "CUT-4251" | "CUT-4252" | "CUT-4253" | "CUT-4254", happened: string, next: string) =>
    new CutoverError({ ...details, code, happened, next }, { cause });
  if (chain.some((error) => certificateCodes.test(codeOf(error)))) {
    return made(
      "CUT-4254",
      `The certificate of SQL Server at ${server} is not trusted.`,
      `Set certificateAuthority to the PEM file of the authority that signed it, and use the name that stands in the certificate. Outside prod, trustServerCertificate: true accepts any certificate. To see it: openssl s_client -connect ${host}:${port}`,
    );
  }
  if (chain.some((error) => codeOf(error) === notEncrypted)) {
    return made(
      "CUT-4254",
      `SQL Server at ${server} does not encrypt connections, and encryption is asked for.`,
      "Switch encryption on at the server. Somebody in the middle can also pretend this: check the network first.",
    );
  }
  if (messages.some(({ number }) => databaseErrors.has(number))) {
    return made(
      "CUT-4253",
      `Database ${database} cannot be opened on SQL Server at ${server} by user ${user}.`,
      `Check the name, that the database is ONLINE, and that ${user} is a user of it.`,
    );
  }
  if (messages.length > 0 || chain.some((error) => codeOf(error) === "ELOGIN")) {
    return made(
      "CUT-4252",
      `SQL Server at ${server} refused the login of user ${user}.`,
      "Check User ID and Password in the Secret, that the login is neither disabled, locked nor expired, and that the server allows SQL Server authentication; a cloud server's firewall refuses with its own text. The server's log names the reason of error 18456.",
    );
  }
  return made(
    "CUT-4251",
    `SQL Server at ${server} cannot be reached.`,
    instance === undefined
      ? `Check that the server runs, that TCP/IP is enabled on port ${port}, and firewalls: nc -vz ${host} ${port}`
      : `Check that the server runs and that the SQL Server Browser answers on UDP port 1434; a port in the connection string (Server=${host},1433) needs no Browser.`,
  );
}

/** An error with its causes, `originalError` of mssql and the parts of an AggregateError. */
function causes(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const inner: unknown[] = [error.cause, "originalError" in error ? error.originalError : undefined];
  const parts = error instanceof AggregateError ? error.errors : [];
  return [error, ...[...inner, ...(parts as unknown[])].flatMap((one) => causes(one, depth + 1))];
}

/** Without Node's advice on an option of its own. */
function plainText(error: Error): string {
  return messageOf(error).replace(/; if the root CA is installed locally.*$/, "");
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
