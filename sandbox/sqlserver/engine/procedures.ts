// STAND-IN for SQL Server: stored procedures that it knows, by EXECUTE and by RPC.
import type { SqlValue } from "../sql/types.ts";
import { sameName } from "./database.ts";
import { rdsProcedures } from "./procedures-rds.ts";
import { fullName, tableOf } from "./catalog.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { changed, willChange } from "./transactions.ts";
import { asText } from "./values.ts";

/** Values by lower-case name without @; those without a name by their number, from "0". */
export type Arguments = ReadonlyMap<string, SqlValue>;

/** @returns the return status. */
export type Procedure = (values: Arguments, session: Session) => number;

/** A value by name, or by its place. */
export function argument(values: Arguments, name: string, place: number): SqlValue {
  return values.get(name) ?? values.get(String(place)) ?? null;
}

export function requiredText(values: Arguments, name: string, place: number, procedure: string): string {
  const value = argument(values, name, place);
  if (value !== null) return asText(value);
  throw new SqlError(201, `Procedure or function '${procedure}' expects parameter '@${name}', which was not supplied.`);
}

const procedures: Record<string, Procedure> = {
  sp_addextendedproperty: addExtendedProperty,
  sp_reset_connection: () => 0,
};

/** @throws SqlError 2812 when there is none of this name. */
export function findProcedure(parts: readonly string[], session: Session): Procedure {
  const name = (parts.at(-1) ?? "").toLowerCase();
  const all = session.server.variant() === "rds" ? { ...procedures, ...rdsProcedures } : procedures;
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found === undefined)
    throw new SqlError(2812, `Could not find stored procedure '${parts.join(".")}'.`, 16, { state: 62 });
  return found;
}

/** Only on tables: level 0 SCHEMA, level 1 TABLE. */
function addExtendedProperty(values: Arguments, session: Session): number {
  const text = (name: string, place: number): string => requiredText(values, name, place, "sp_addextendedproperty");
  const [name, value] = [text("name", 0), text("value", 1)];
  const [schema, table] = [text("level0name", 3), text("level1name", 5)];
  if (!sameName(text("level0type", 2), "SCHEMA") || !sameName(text("level1type", 4), "TABLE")) {
    throw new SqlError(50000, "STAND-IN for SQL Server: extended properties are known on tables only.");
  }
  const { database } = fullName([schema, table], session);
  const majorId = tableOf([schema, table], session).table.objectId;
  if (database.content.properties.some((each) => each.majorId === majorId && sameName(each.name, name))) {
    throw new SqlError(15233, `Property cannot be added. Property '${name}' already exists for '${schema}.${table}'.`);
  }
  willChange(session, database);
  database.content.properties.push({ majorId, name, value });
  changed(session, database);
  return 0;
}
