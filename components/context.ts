import type * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../model/layering.ts";
import type { NodeProcedure, NodeSettings } from "../model/nodes.ts";
import type { OperationalDatabases } from "../model/operational-databases.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import type { StepRequest } from "../model/step.ts";

/** Secret Helm values of the stack's services. */
export interface SecretValues {
  /** What they are made of; reaches preflight by its environment only. */
  text: pulumi.Output<string>;
  /** Keys at the top level of the values that may be touched; the others stay readable in a preview. */
  keys: readonly string[];
  /** Per service; secret. */
  values: pulumi.Output<Record<string, JsonObject>>;
}

/** What all components of a stack share. */
export interface StackContext {
  stack: string;
  platform: string;
  environment: string;
  cluster: StepRequest["cluster"];
  prometheus: string | null;
  /** Relative to the project folder. */
  backupFolder: string;
  /** Ids of notes and losses that a person accepted. */
  acknowledged: string[];
  /** Pulumi protect on the Helm releases. */
  protect: boolean;
  /** What the platform has outside Kubernetes. */
  outside: {
    operationalDatabases: OperationalDatabases | null;
    nodes: NodeSettings[];
    /** Of the release set that runs on the nodes; null: none does. */
    procedure: NodeProcedure | null;
    tenantSettings: NonNullable<StackSettings["tenantSettings"]> | null;
  };
  /** A Pulumi secret; reaches steps by their environment only. */
  databasePassword: pulumi.Output<string> | undefined;
  /** Helm values made of a Pulumi secret; they lie above all files. */
  secretValues: SecretValues | undefined;
}
