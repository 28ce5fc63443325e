// STAND-IN for SQL Server: whether a LOGIN7 is let in, and the tokens that say so.
import { openDatabase } from "../engine/open-database.ts";
import type { Database } from "../engine/database.ts";
import { productName } from "../engine/server-properties.ts";
import type { Server, Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import { sameName } from "../engine/database.ts";
import type { LoginRequest } from "./login.ts";
import * as tokens from "./tokens.ts";

/** @throws SqlError 18456, with 4060 before it when it is about the database. */
export function acceptLogin(
  request: LoginRequest,
  server: Server,
): { login: Session["login"]; databaseFor(session: Session): Database } {
  const refused = (causes: SqlError[] = []): SqlError =>
    new SqlError(18456, `Login failed for user '${request.user}'.`, 14, { causes });
  const login = server.logins.find(({ user }) => sameName(user, request.user));
  const fault = server.faults.find("loginRefused", ({ user }) => user === undefined || sameName(user, request.user));
  if (login === undefined || login.password !== request.password || fault !== undefined) throw refused();
  const databaseFor = (session: Session): Database => {
    const name = request.database === "" ? "master" : request.database;
    try {
      return openDatabase(session, name);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const text = `Cannot open database "${name}" requested by the login. The login failed.`;
      throw refused([new SqlError(4060, text, 11)]);
    }
  };
  return { login, databaseFor };
}

export function loginTokens(database: string, packetSize: number, server: Server): Buffer {
  const info = (number: number, text: string): Buffer =>
    tokens.messageToken({ number, text, severity: 10 }, server.name);
  return Buffer.concat([
    tokens.databaseChanged(database, "master"),
    info(5701, `Changed database context to '${database}'.`),
    tokens.collationSet(),
    tokens.packetSizeChanged(packetSize, 4096),
    info(5703, "Changed language setting to us_english."),
    tokens.loginAcknowledged(`STAND-IN for ${productName(server.majorVersion)}`, server.majorVersion),
    tokens.doneToken("done", 0, null),
  ]);
}
