/** Differences between the rows of a backup and those of a restored database, one line each; empty: none. */
export function rowDifferences(
  expected: Readonly<Record<string, number>>,
  found: Readonly<Record<string, number>>,
): string[] {
  const tables = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort();
  return tables.flatMap((table) => {
    const [before, now] = [own(expected, table), own(found, table)];
    if (before === now) return [];
    if (now === undefined) return [`${table}: the table is not there, ${before} rows in the backup`];
    if (before === undefined) return [`${table}: ${now} rows, the table is not in the backup`];
    return [`${table}: ${now} rows, ${before} in the backup`];
  });
}

/** Rows of all tables together. */
export function rowsTogether(rows: Readonly<Record<string, number>>): number {
  return Object.values(rows).reduce((sum, count) => sum + count, 0);
}

function own(record: Readonly<Record<string, number>>, key: string): number | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
