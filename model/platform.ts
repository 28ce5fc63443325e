/** One role of a platform: a chart that becomes one Helm release, or one per tenant. */
export interface RoleDefinition {
  role: string;
  /** One Helm release per tenant, named `<role>-<tenant>`. */
  perTenant?: boolean;
  /** The role whose namespace it shares; absent: it has its own. */
  namespaceOf?: string;
  /** It owns the platform's database: only such a role can have the steps inventory, backup and migrate. */
  database?: boolean;
  /** Roles that must be verified before it starts; of use where `sequential` is false. */
  needs?: readonly string[];
}

/** A vendor's job that renews the export views; run in a pod of each service of that role. */
export interface ExportViews {
  role: string;
  /** argv; run once, since it changes the database. */
  command: readonly string[];
  timeoutSeconds: number;
  /** What a person has to do afterwards. */
  reminder: readonly string[];
}

/** A platform as data (design.md 1): its roles and their orders. Rollback and uninstall are these orders reversed. */
export interface PlatformDefinition {
  name: string;
  roles: readonly RoleDefinition[];
  /** One service after the other, each verified before the next starts (seed 001). */
  sequential: boolean;
  order: { upgrade: readonly string[]; install: readonly string[] };
  /** What a person must know before a service is removed. */
  uninstall?: {
    /** Shown and to be acknowledged; `role` absent: for all. */
    warnings: readonly { role?: string; text: string }[];
    /** What is not touched. */
    keeps: readonly string[];
    /** Objects that survive, found by labels; `${release}` is the Helm release. */
    leftovers: readonly { role: string; kind: "configmaps"; labelSelector: string; text: string }[];
  };
  /** What only some platforms have. */
  extras?: { exportViews?: ExportViews };
}
