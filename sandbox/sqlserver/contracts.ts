// STAND-IN: what the stand-in for SQL Server promises to the sandbox and to tests.

/** A login of the stand-in. */
export interface SqlServerLogin {
  user: string;
  password: string;
  /** Fixed server roles: `sysadmin` may do everything, `dbcreator` creates, restores and drops databases. */
  serverRoles?: readonly ("sysadmin" | "dbcreator")[];
  /** Server permissions, such as `VIEW SERVER STATE`. */
  serverPermissions?: readonly string[];
  /** Whether `VIEW ANY DATABASE` was left with it; without, sys.databases is a short list. Default true, as SQL Server's. */
  viewAnyDatabase?: boolean;
  /** Roles by database: `db_owner`, `db_backupoperator`, `db_datareader`, `db_datawriter`; `*` is every database. */
  databases?: Readonly<Record<string, readonly string[]>>;
}

/** Which kind of server is played. `standard` is SQL Server on an own machine. */
export type SqlServerVariant = "standard" | "express" | "azure" | "managedInstance" | "rds" | "cloudSql";

/** A trouble that can be switched on and off while the stand-in runs. Percentages are of the running BACKUP or RESTORE. */
export type SqlServerFault =
  /** The disk is full (operating system error 112) when a BACKUP or RESTORE has come so far. */
  | { fault: "diskFull"; atPercent: number; database?: string }
  /** The connection is cut in the middle, once; the work goes on to its end or stops, as chosen. */
  | {
      fault: "connectionLost";
      atPercent: number;
      then: "finish" | "stop";
      during?: "BACKUP" | "RESTORE";
      database?: string;
    }
  /** The next backups get a page that does not match its checksum, without any error while they are written. */
  | { fault: "damagedPage"; database?: string }
  /** A permission is taken away: `VIEW ANY DATABASE`, `VIEW SERVER STATE`, `BACKUP DATABASE`, `CREATE DATABASE`, ... */
  | { fault: "permissionMissing"; permission: string; user?: string }
  /** Each BACKUP or RESTORE takes so long. */
  | { fault: "slow"; milliseconds: number; during?: "BACKUP" | "RESTORE"; database?: string }
  /** Logins are refused with error 18456. */
  | { fault: "loginRefused"; user?: string }
  /** All connections are cut and none is accepted, for so long from the moment in which the fault is set. */
  | { fault: "down"; milliseconds: number }
  /** New connections get a certificate that must not be trusted. */
  | { fault: "certificate"; kind: "unknownAuthority" | "wrongName" | "expired" }
  /** It says that it cannot encrypt: a client that goes on would send its password in clear. */
  | { fault: "noEncryption" }
  /** From now on it is another kind of server. */
  | { fault: "variant"; variant: SqlServerVariant }
  /** A statement that contains the text is chosen as a deadlock's victim, error 1205, the first `times` times (default 1). */
  | { fault: "deadlock"; statementContains: string; times?: number }
  /** RDS: a task ends with lifecycle ERROR and this text. */
  | { fault: "taskFails"; message: string };

export interface SqlServerOptions {
  /** Everything it keeps: databases, certificates, default data, log and backup folder. Made if missing; kept by `stop`. */
  folder: string;
  /** TCP port on 127.0.0.1. Default: a free one. */
  port?: number;
  /** Besides the administrator. */
  logins?: readonly SqlServerLogin[];
  /** @@SERVERNAME. Default: one of its own for each folder. */
  serverName?: string;
  /** Default `standard`. */
  variant?: SqlServerVariant;
  /** ProductMajorVersion; a backup of a newer one is refused by an older one. Default 16 (2022). */
  majorVersion?: number;
  faults?: readonly SqlServerFault[];
  /** Milliseconds that a BACKUP or RESTORE takes at least. Default 0. */
  workMilliseconds?: number;
}

/** A running stand-in. */
export interface SqlServer {
  /** `127.0.0.1`; the certificate is also valid for `localhost`. */
  host: string;
  port: number;
  /** PEM file of the authority that signed its certificate. */
  caFile: string;
  /** Member of sysadmin; made at the first start in the folder and kept there. */
  administrator: { user: string; password: string };
  /** Default folder of backups, as `InstanceDefaultBackupPath`. */
  backupFolder: string;
  dataFolder: string;
  faults: SqlServerFaults;
  /** One line for people: that it is a stand-in, of what, where. */
  line: string;
  /** Ends it. Databases stay in the folder. */
  stop(): Promise<void>;
}

export interface SqlServerFaults {
  /** Replaces all faults. */
  set(faults: readonly SqlServerFault[]): Promise<void>;
  clear(): Promise<void>;
}
