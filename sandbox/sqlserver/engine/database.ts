// STAND-IN for SQL Server: a database as it is kept.
import { randomUUID } from "node:crypto";
import type { Column, SqlValue } from "../sql/types.ts";

export interface TableColumn extends Column {
  identity: boolean;
  defaultValue: SqlValue;
}

export interface Table {
  objectId: number;
  schema: string;
  name: string;
  /** UTC, ISO 8601. */
  createdAt: string;
  columns: TableColumn[];
  rows: SqlValue[][];
  nextIdentity: number;
}

export interface ExtendedProperty {
  /** Object that carries it. */
  majorId: number;
  name: string;
  value: string;
}

export interface Content {
  schemas: string[];
  tables: Table[];
  properties: ExtendedProperty[];
  nextObjectId: number;
}

export interface DatabaseFile {
  fileId: number;
  logicalName: string;
  /** D data, L log. */
  type: "D" | "L";
  physicalName: string;
}

export type DatabaseState = "ONLINE" | "RESTORING" | "COPYING" | "OFFLINE" | "SUSPECT";

export interface Database {
  id: number;
  name: string;
  /** The same in a database, its backups and what is restored from them. */
  familyGuid: string;
  /** UTC, ISO 8601. */
  createdAt: string;
  owner: string;
  recoveryModel: "FULL" | "SIMPLE" | "BULK_LOGGED";
  state: DatabaseState;
  userAccess: "MULTI_USER" | "SINGLE_USER" | "RESTRICTED_USER";
  readOnly: boolean;
  encrypted: boolean;
  /** master, tempdb, model, msdb, rdsadmin: not kept in files. */
  system: boolean;
  files: DatabaseFile[];
  content: Content;
}

export function emptyContent(): Content {
  return { schemas: ["dbo"], tables: [], properties: [], nextObjectId: 245575913 };
}

/** A new, empty database without files. */
export function newDatabase(id: number, name: string, owner: string, content = emptyContent()): Database {
  return {
    id,
    name,
    familyGuid: randomUUID().toUpperCase(),
    createdAt: new Date().toISOString(),
    owner,
    recoveryModel: "FULL",
    state: "ONLINE",
    userAccess: "MULTI_USER",
    readOnly: false,
    encrypted: false,
    system: false,
    files: [],
    content,
  };
}

/** As the default collation compares names: upper and lower case are the same. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export function findTable(content: Content, schema: string, name: string): Table | undefined {
  return content.tables.find((table) => sameName(table.schema, schema || "dbo") && sameName(table.name, name));
}
