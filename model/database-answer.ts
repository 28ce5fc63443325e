import type { RollbackTarget } from "./rollback.ts";
import type { ResolvedService } from "./service.ts";

/** What a rollback of this service means for its database. */
export type DatabaseAnswer =
  { kind: "keeps"; text: string } | { kind: "needsRestore"; text: string } | { kind: "refused"; text: string };

/**
 * Schema classes decide about databases (design.md 6). `releaseOrder`: release sets, oldest first. `onClones`: the stack's databases are
 * copies, the originals were never touched.
 */
export function databaseAnswer(
  target: RollbackTarget,
  schemaClass: ResolvedService["schemaClass"],
  hasDatabase: boolean,
  releaseOrder: readonly string[],
  onClones = false,
): DatabaseAnswer {
  const { service, from, to } = target;
  if (hasDatabase && target.removed && onClones)
    return {
      kind: "keeps",
      text: `${service}: it worked on clones, the databases of ${to} were never touched; the clones are kept under new names`,
    };
  if (!hasDatabase) return { kind: "keeps", text: `${service} has no database` };
  if (schemaClass === "any")
    return { kind: "keeps", text: `${service}: the database stays as it is; ${to} runs on the schema of ${from}` };
  if (schemaClass === "restore") {
    if (target.migratedAt === null)
      return { kind: "keeps", text: `${service}: its database shows no migration to take back, it stays as it is` };
    return {
      kind: "needsRestore",
      text: `${service}: ${to} does not run on the schema of ${from}; going back needs the backup`,
    };
  }
  const distance = releaseOrder.indexOf(from) - releaseOrder.indexOf(to);
  if (distance <= schemaClass.backward) {
    return {
      kind: "keeps",
      text: `${service}: the database stays as it is; ${to} runs on schemas up to ${schemaClass.backward} release(s) newer`,
    };
  }
  return {
    kind: "refused",
    text: `${service}: ${from} is ${distance} releases after ${to}, but ${to} runs only on schemas up to ${schemaClass.backward} release(s) newer`,
  };
}
