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

/** A platform as data (design.md 1): its roles and their orders. Rollback and uninstall are these orders reversed. */
export interface PlatformDefinition {
  name: string;
  roles: readonly RoleDefinition[];
  /** One service after the other, each verified before the next starts (seed 001). */
  sequential: boolean;
  order: { upgrade: readonly string[]; install: readonly string[] };
}
