/** Longest name of a database: characters of SQL Server's sysname, bytes of PostgreSQL's. */
const longest = { sqlserver: 128, postgresql: 63 } as const;

/** The name of a database's clone; `${database}` in the template is its own name. */
export function cloneName(template: string, database: string): string {
  return template.replaceAll("${database}", database);
}

/** Names of all clones by the names of what they are copies of. */
export function cloneNames(template: string, databases: readonly string[]): Map<string, string> {
  return new Map(databases.map((database) => [database, cloneName(template, database)]));
}

/** Why these names cannot be used, one line each; empty: they can. `sameServer`: source and target are one server. */
export function cloneNameProblems(
  names: ReadonlyMap<string, string>,
  facts: { provider: "sqlserver" | "postgresql"; sameServer: boolean },
): string[] {
  const fold = (name: string): string => (facts.provider === "sqlserver" ? name.toLowerCase() : name);
  const sources = new Map([...names.keys()].map((name) => [fold(name), name]));
  const taken = new Map<string, string>();
  const problems: string[] = [];
  for (const [database, clone] of names) {
    const length = facts.provider === "sqlserver" ? clone.length : Buffer.byteLength(clone);
    const other = taken.get(fold(clone));
    const source = sources.get(fold(clone));
    if (length > longest[facts.provider]) problems.push(`${clone} is longer than ${longest[facts.provider]}`);
    if (other !== undefined) problems.push(`the clones of ${other} and ${database} would both be called ${clone}`);
    if (facts.sameServer && source !== undefined) {
      problems.push(
        `the clone of ${database} would be called ${clone}, as the source's own database on the same server`,
      );
    }
    taken.set(fold(clone), database);
  }
  return problems;
}
