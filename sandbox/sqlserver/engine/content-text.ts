// STAND-IN for SQL Server: a database's content as text: in its data file, and in the pages of a backup.
import type { SqlType, SqlValue } from "../sql/types.ts";
import type { Content } from "./database.ts";

type Written = null | string | number | boolean;

/** JSON of a database's content. */
export function contentText(content: Content): string {
  const tables = content.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => ({ ...column, defaultValue: written(column.defaultValue) })),
    rows: table.rows.map((row) => row.map(written)),
  }));
  return JSON.stringify({ ...content, tables });
}

/** @throws SyntaxError when it is no such text. */
export function readContent(text: string): Content {
  const content = JSON.parse(text) as Content;
  for (const table of content.tables) {
    const types = table.columns.map((column) => column.type);
    for (const column of table.columns) column.defaultValue = read(column.type, column.defaultValue as Written);
    table.rows = table.rows.map((row) =>
      row.map((value, index) => read(types[index] ?? { name: "int" }, value as Written)),
    );
  }
  return content;
}

function written(value: SqlValue): Written {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString("base64");
  return value;
}

function read(type: SqlType, value: Written): SqlValue {
  if (value === null) return null;
  switch (type.name) {
    case "bigint":
      return BigInt(value);
    case "datetime":
    case "datetime2":
    case "date":
    case "datetimeoffset":
      return new Date(String(value));
    case "varbinary":
      return Buffer.from(String(value), "base64");
    default:
      return value;
  }
}
