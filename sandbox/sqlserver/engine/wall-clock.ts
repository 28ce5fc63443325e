// STAND-IN for SQL Server: local time. A Date of SQL has the wall clock in its UTC fields (sql/types.ts).

/** The moment as the server's wall clock shows it. */
export function localTime(moment: Date): Date {
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
}
