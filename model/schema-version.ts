import type { ResolvedService } from "./service.ts";

/** Compares dotted schema versions (`8.5.115.02`) number by number; null when one of them is no such version. */
export function compareSchemaVersions(left: string, right: string): number | null {
  const numbers = (text: string) => (/^\d+(\.\d+)*$/.test(text) ? text.split(".").map(Number) : null);
  const [a, b] = [numbers(left), numbers(right)];
  if (a === null || b === null) return null;
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/**
 * Whether a service needs no migration on this schema: it is the wanted one, or a newer one that its schema class lets it run on, as after
 * a rollback (facts/domain.md D: an older GIM runs on a newer schema).
 */
export function suits(found: string, wanted: string, schemaClass: ResolvedService["schemaClass"]): boolean {
  if (found === wanted) return true;
  return schemaClass !== "restore" && compareSchemaVersions(found, wanted) === 1;
}
