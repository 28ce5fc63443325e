// STAND-IN for SQL Server: @@VERSION and its like. @@VERSION says what this is.
import { int, nvarchar, smallint, sysname, type SqlType, type SqlValue } from "../sql/types.ts";
import type { Compiled } from "./scope.ts";
import type { Session } from "./session.ts";
import { productName, productVersion } from "./server-properties.ts";
import { SqlError } from "./sql-error.ts";

const known: Record<string, [SqlType, (session: Session) => SqlValue]> = {
  "@VERSION": [
    nvarchar(300),
    (session) =>
      `STAND-IN for Microsoft ${productName(session.server.majorVersion)} - ${productVersion(session.server)} (cutover sandbox; not a Microsoft product)`,
  ],
  "@SERVERNAME": [sysname, (session) => session.server.name],
  "@SPID": [smallint, (session) => session.id],
  "@TRANCOUNT": [int, (session) => (session.transaction === null ? 0 : 1)],
  "@MAX_PRECISION": [{ name: "tinyint" }, () => 38],
};

/** @throws SqlError 137 for one that the stand-in does not know. */
export function globalVariable(name: string, session: Session): Compiled {
  const found = Object.hasOwn(known, name.toUpperCase()) ? known[name.toUpperCase()] : undefined;
  if (found === undefined) throw new SqlError(137, `Must declare the scalar variable "@${name}".`, 15);
  const [type, value] = found;
  return { type, evaluate: () => value(session) };
}
