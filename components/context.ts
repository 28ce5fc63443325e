import type * as pulumi from "@pulumi/pulumi";
import type { StepRequest } from "../model/step.ts";

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
  /** A Pulumi secret; reaches steps by their environment only. */
  databasePassword: pulumi.Output<string> | undefined;
}
