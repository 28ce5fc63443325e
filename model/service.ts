import type { BackupSpec, CustomObjectRule, RoleRelease, ServiceStepKind } from "./release-set.ts";
import type { GateSpec } from "./gate.ts";

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Where database credentials are read from at run time; never their content. */
export interface DatabaseReference {
  namespace: string;
  secret: string;
  /** Key with JSON {db_hostname, db_port?, db_name, db_username, db_password} (facts/domain.md B1). */
  key: string;
}

/** One Helm release of the platform, with everything resolved: tenant expanded, values layered, gates filled in. */
export interface ResolvedService {
  /** Unique in the stack: `gim-t100`, `gsp`. Also the Pulumi name. */
  name: string;
  role: string;
  tenant: string | null;
  namespace: string;
  /** Name of the Helm release. */
  helmRelease: string;
  /** Services that must be verified before this one starts. */
  needs: string[];
  /** Release set it is taken from (a pin may name another than the stack's). */
  releaseSet: string;
  chart: { path: string; version: string; sha256: string };
  image: { tag: string; valuesKey: string } | null;
  /** Layered Helm values, image tag included, no secrets. */
  values: { [key: string]: Json };
  schemaClass: RoleRelease["schemaClass"];
  schemaVersion: { from: string; to: string } | null;
  helmTimeoutSeconds: number;
  await: "gates" | "helm";
  steps: ServiceStepKind[];
  backup: BackupSpec | null;
  migrate: RoleRelease["migrate"] | null;
  configure: RoleRelease["configure"] | null;
  customObjects: CustomObjectRule[];
  gates: GateSpec[];
  database: DatabaseReference | null;
  /** Digest of the sealed (encrypted) setting of which further values are made; absent: none are. */
  sealedValues?: string;
  /** Hex sha256 of all of the above that decides what runs (design.md 1, Digest). */
  digest: string;
}
