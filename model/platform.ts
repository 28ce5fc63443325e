import type { Tenant } from "./expand.ts";
import type { JsonObject } from "./layering.ts";
import type { SecretValuesKind } from "./secret-values.ts";
import type { DatabaseReference } from "./service.ts";

/** One role of a platform: a chart that becomes one Helm release, or one per tenant. */
export interface RoleDefinition {
  role: string;
  /** One Helm release per tenant, named `<role>-<tenant>`. */
  perTenant?: boolean;
  /** The role whose namespace it shares; absent: it has its own. */
  namespaceOf?: string;
  /** Each tenant's release has a namespace of its own: a chart with fixed names fits only once into one. */
  namespacePerTenant?: boolean;
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

/**
 * `chartPairing`: chart version and image tag belong together. `skew`: at most two releases at once, and across services.
 * `operationalDatabases`, `nodes`: as the stack file lists them. `redpoint`: what this vendor's chart demands.
 */
export type CheckGroup = "chartPairing" | "skew" | "operationalDatabases" | "nodes" | "redpoint";

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
  /** How Helm values are made of the Pulumi secret `cutover:upgradeAssistant`; model/secret-values.ts knows the ways. */
  secretValues?: SecretValuesKind;
  /** Groups of preflight checks that only some platforms need; steps/preflight/checks/groups.ts knows them. */
  checkGroups?: readonly CheckGroup[];
  /** Helm values that follow from the service itself and that no file may override. */
  serviceValues?: (service: { tenant: Tenant | null; database: DatabaseReference | null }) => JsonObject;
  /** What only some platforms have. */
  extras?: { exportViews?: ExportViews };
}
