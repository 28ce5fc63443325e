// STAND-IN for SQL Server: tables, columns and schemas of one database.
import { bigint, bit, datetime, guid, int, nvarchar, smallint, sysname, tinyint, variant } from "../sql/types.ts";
import { sameName, type Database, type ExtendedProperty, type Table, type TableColumn } from "./database.ts";
import { view, type View } from "./view.ts";
import { localTime } from "./wall-clock.ts";

const tables = (_session: unknown, database: Database): readonly Table[] => database.content.tables;

interface OwnedColumn {
  database: Database;
  table: Table;
  column: TableColumn;
  index: number;
}

function columnsOf(_session: unknown, database: Database): OwnedColumn[] {
  return database.content.tables.flatMap((table) =>
    table.columns.map((column, index) => ({ database, table, column, index })),
  );
}

/** schema_id: dbo is 1, others are counted from 5. */
export function schemaId(database: Database, schema: string): number {
  const index = database.content.schemas.findIndex((each) => sameName(each, schema));
  return index <= 0 ? 1 : index + 4;
}

const objects = (): View =>
  view<{ table: Table; database: Database }>(
    (_session, database) => database.content.tables.map((table) => ({ table, database })),
    {
      name: [sysname, ({ table }) => table.name],
      object_id: [int, ({ table }) => table.objectId],
      schema_id: [int, ({ table, database }) => schemaId(database, table.schema)],
      type: [nvarchar(2), () => "U "],
      type_desc: [nvarchar(60), () => "USER_TABLE"],
      create_date: [datetime, ({ table }) => localTime(new Date(table.createdAt))],
      is_ms_shipped: [bit, () => false],
    },
  );

export const objectViews: Record<string, View> = {
  "sys.tables": objects(),
  "sys.objects": objects(),
  "sys.schemas": view<{ name: string; database: Database }>(
    (_session, database) => database.content.schemas.map((name) => ({ name, database })),
    {
      name: [sysname, ({ name }) => name],
      schema_id: [int, ({ name, database }) => schemaId(database, name)],
    },
  ),
  "sys.partitions": view<Table>(tables, {
    partition_id: [bigint, (each) => BigInt(each.objectId)],
    object_id: [int, (each) => each.objectId],
    index_id: [int, () => 0],
    partition_number: [int, () => 1],
    rows: [bigint, (each) => BigInt(each.rows.length)],
  }),
  "sys.columns": view<OwnedColumn>(columnsOf, {
    object_id: [int, ({ table }) => table.objectId],
    name: [sysname, ({ column }) => column.name],
    column_id: [int, ({ index }) => index + 1],
    max_length: [smallint, ({ column: { type } }) => byteLength(type.length, type.name === "nvarchar" ? 2 : 1)],
    is_nullable: [bit, ({ column }) => column.nullable],
    is_identity: [bit, ({ column }) => column.identity],
  }),
  "sys.extended_properties": view<ExtendedProperty>((_session, database) => database.content.properties, {
    class: [tinyint, () => 1],
    class_desc: [nvarchar(60), () => "OBJECT_OR_COLUMN"],
    major_id: [int, (each) => each.majorId],
    minor_id: [int, () => 0],
    name: [sysname, (each) => each.name],
    value: [variant, (each) => each.value],
  }),
  "information_schema.tables": view<{ table: Table; database: Database }>(
    (_session, database) => database.content.tables.map((table) => ({ table, database })),
    {
      TABLE_CATALOG: [sysname, ({ database }) => database.name],
      TABLE_SCHEMA: [sysname, ({ table }) => table.schema],
      TABLE_NAME: [sysname, ({ table }) => table.name],
      TABLE_TYPE: [nvarchar(10), () => "BASE TABLE"],
    },
  ),
  "information_schema.columns": view<OwnedColumn>(columnsOf, {
    TABLE_CATALOG: [sysname, ({ database }) => database.name],
    TABLE_SCHEMA: [sysname, ({ table }) => table.schema],
    TABLE_NAME: [sysname, ({ table }) => table.name],
    COLUMN_NAME: [sysname, ({ column }) => column.name],
    ORDINAL_POSITION: [int, ({ index }) => index + 1],
    IS_NULLABLE: [nvarchar(3), ({ column }) => (column.nullable ? "YES" : "NO")],
    DATA_TYPE: [sysname, ({ column }) => column.type.name],
    CHARACTER_MAXIMUM_LENGTH: [int, ({ column: { type } }) => byteLength(type.length, 1)],
  }),
  "sys.database_principals": view<Database>((_session, database) => [database], {
    name: [sysname, () => "dbo"],
    sid: [guid, (each) => each.familyGuid],
  }),
};

function byteLength(length: number | "max" | undefined, bytesEach: number): number | null {
  if (length === undefined) return null;
  return length === "max" ? -1 : length * bytesEach;
}
