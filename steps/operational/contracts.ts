// The seam between what every provider's databases need and how each provider does it.
import type { PlatformDatabase } from "../../model/operational/discovery.ts";
import type { ServerKind } from "../../model/operational/server-kind.ts";
import type { DatabaseBackup, PlatformBackup } from "../../model/platform-backup.ts";

/** All databases of a platform on one server. */
export interface Discovered {
  /** `host:port`, without a login. */
  server: string;
  kind: ServerKind;
  /** Of the server, such as `16.0.4135.4`. */
  version: string;
  databases: PlatformDatabase[];
  /** Suffixes of the tenants. */
  tenants: string[];
}

export interface BackUpRequest {
  /** Unique per run and the same in each of its attempts: names of backups are made of it. */
  run: string;
  /** Where dumps go that are written by this machine, relative to the project; SQL Server writes its backups itself. */
  folder: string;
  /** What a person has accepted, such as `database/Interaction_old`. */
  acknowledged: readonly string[];
}

export interface BackedUp {
  /** In the order of discovery; every one read back. */
  databases: DatabaseBackup[];
  tables: PlatformBackup["tables"];
  /** What a person should know, one sentence each: backed up without compression, kept from an earlier attempt, ... */
  notes: string[];
}

/** One database server of a platform, whichever provider it is. */
export interface OperationalServer {
  /** `host:port`, without a login. */
  readonly server: string;
  /** @throws CutoverError when the list cannot be relied on; never returns a short one. */
  discover(acknowledged: readonly string[]): Promise<Discovered>;
  /** Backs up everything that was discovered, and reads it back. Interrupted anywhere, the same call goes on. */
  backUp(discovered: Discovered, request: BackUpRequest): Promise<BackedUp>;
}
