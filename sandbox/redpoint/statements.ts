// STAND-IN: the statements that a user of the simulated Redpoint would configure. The real tables are not public (facts/domain.md A8).
import { identifier, type Provider } from "../sqlserver/redpoint-dialect.ts";
import { tableName } from "../sqlserver/redpoint-schema.ts";

/** `cutover:operationalDatabases.tenantConnections` for a clone of the simulated Pulse. */
export function tenantConnectionStatements(provider: Provider): { query: string; rewrite: string } {
  const table = tableName("rpi_Tenant", provider);
  const column = (name: string): string => identifier(name, provider);
  const rows = (name: string): string =>
    `SELECT ${column("Name")} AS tenant, ${column(name)} AS server, ${column(name)} AS ${column("database")} FROM ${table}`;
  const move = (name: string): string =>
    `${column(name)} = CASE WHEN ${column(name)} = @oldConnection THEN @connection ELSE ${column(name)} END`;
  return {
    query: `${rows("OperationalConnection")} UNION ALL ${rows("AuditConnection")}`,
    rewrite: `UPDATE ${table} SET ${move("OperationalConnection")}, ${move("AuditConnection")} WHERE ${column("Name")} = @tenant`,
  };
}

/** `cutover:tenantSettings`: settings of the simulated Redpoint. */
export function tenantSettingStatements(provider: Provider): { read: string; write: string } {
  const table = tableName("rpi_Setting", provider);
  const [tenant, name, value] = ["Tenant", "Name", "Value"].map((column) => identifier(column, provider));
  const where = `WHERE ${tenant} = @tenant AND ${name} = @setting`;
  return {
    read: `SELECT ${value} FROM ${table} ${where}`,
    write: `UPDATE ${table} SET ${value} = @value ${where}`,
  };
}
