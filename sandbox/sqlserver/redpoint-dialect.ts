// STAND-IN: how the simulated Redpoint schema is written for each of the two database systems that its chart supports.

/** Operational database system; as `databases.operational.provider` of the chart says it (facts/domain.md A5). */
export type Provider = "sqlserver" | "postgresql";

/** A quoted identifier. */
export function identifier(name: string, provider: Provider): string {
  return provider === "sqlserver" ? `[${name.replaceAll("]", "]]")}]` : `"${name.replaceAll('"', '""')}"`;
}

/** A literal of a text or a whole number. */
export function literal(value: string | number, provider: Provider): string {
  if (typeof value === "number") return String(value);
  return `${provider === "sqlserver" ? "N" : ""}'${value.replaceAll("'", "''")}'`;
}

/** Column type of a text of at most `length` characters. */
export function textType(length: number, provider: Provider): string {
  return provider === "sqlserver" ? `nvarchar(${length})` : `varchar(${length})`;
}

/** Column type of a moment without zone. */
export function timeType(provider: Provider): string {
  return provider === "sqlserver" ? "datetime2" : "timestamp";
}
