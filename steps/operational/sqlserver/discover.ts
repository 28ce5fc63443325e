import { escapeLike } from "../../../clients/sqlserver/quoting.ts";
import { databaseNamed, databasesLike, send, type DatabaseRow } from "../../../clients/sqlserver/statements.ts";
import { CutoverError } from "../../../model/error.ts";
import { decideDiscovery, namesToFind, type FoundDatabase } from "../../../model/operational/discovery.ts";
import { serverKindName } from "../../../model/operational/server-kind.ts";
import type { Discovered } from "../contracts.ts";
import type { WhichServer } from "../server.ts";
import type { SqlServerView } from "./view.ts";

/**
 * Looks for all databases of the platform. Clones on the stack's own server are looked for under their own names.
 * @throws CutoverError CUT-5400 when the login cannot see all databases, CUT-5401 when the list cannot be relied on.
 */
export async function discoverOnSqlServer(
  view: SqlServerView,
  which: WhichServer,
  acknowledged: readonly string[],
): Promise<Discovered> {
  const { master, settings, kind, facts } = view;
  if (!view.seesAll) throw seesNotAll(view);
  const clones = which === "server" && settings.mode === "clone";
  const names = namesToFind(settings, clones ? (settings.clone?.name ?? "${database}") : null);
  const like = async ({ before, after }: { before: string; after: string }): Promise<FoundDatabase[]> =>
    (await send(master, databasesLike(`${escapeLike(before)}%${escapeLike(after)}`))).map(found);
  const named = await Promise.all(names.named.map(({ name }) => send(master, databaseNamed(name))));
  const listing = {
    named: named.flat().map(found),
    operational: await like(names.operational),
    audit: await like(names.audit),
  };
  const { databases, tenants, problems } = decideDiscovery(names, listing, { tenants: settings.tenants, acknowledged });
  if (problems.length > 0) throw notReliable(view, problems);
  return { server: master.server, kind, version: facts.version, databases, tenants };
}

function found({ name, state_desc }: DatabaseRow): FoundDatabase {
  return { name, state: state_desc };
}

function seesNotAll({ master, kind }: SqlServerView): CutoverError {
  const azure = kind === "azureSqlDatabase";
  return new CutoverError({
    code: "CUT-5400",
    verdict: "failed",
    happened: `the login cannot see all databases on ${master.server}: its list would be short, and tenants would be left out`,
    evidence: [
      azure ? "it may not CREATE DATABASE in master" : "HAS_PERMS_BY_NAME(NULL, NULL, 'VIEW ANY DATABASE') is not 1",
    ],
    untouched: "Nothing was changed.",
    next: azure
      ? "Use the server's administrator, or add the login to the role dbmanager in master."
      : "GRANT VIEW ANY DATABASE TO [<login>], then run the same command again.",
    exitCode: 17,
  });
}

function notReliable({ master, kind }: SqlServerView, problems: readonly string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5401",
    verdict: "failed",
    happened: `the platform's databases on ${master.server} (${serverKindName(kind)}) are not all there and usable`,
    evidence: problems,
    untouched: "Nothing was changed.",
    next: "Bring the databases ONLINE, correct names and tenants under cutover:operationalDatabases, or, where a database has no counterpart on purpose, add database/<name> to cutover:acknowledged in the stack file.",
    exitCode: 17,
  });
}
