import type { ResolvedService } from "./service.ts";

/** What a rollback of this service would not take back, in plain words (design.md 6). Empty when nothing. */
export function rollbackLimits(
  service: Pick<ResolvedService, "name" | "schemaClass" | "schemaVersion" | "customObjects">,
): string[] {
  const { name, schemaClass, schemaVersion } = service;
  if (schemaVersion === null || schemaVersion.from === schemaVersion.to) return [];
  const change = `${name}: schema ${schemaVersion.from} -> ${schemaVersion.to}`;
  const lines: string[] = [];
  if (schemaClass === "any") {
    lines.push(`${change} stays migrated, also half migrated; the old release runs on it (schema class any)`);
  } else if (schemaClass === "restore") {
    lines.push(`${change} goes back only by restoring the backup; what is written after the backup is then lost`);
  } else {
    lines.push(`${change} stays migrated; the old release runs on it up to ${schemaClass.backward} release(s) back`);
  }
  if (service.customObjects.length > 0) {
    lines.push(`${name}: custom database objects re-created after the migration stay re-created`);
  }
  return lines;
}
