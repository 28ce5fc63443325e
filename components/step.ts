import { Command } from "@pulumi/command/local/command.js";
import type * as pulumi from "@pulumi/pulumi";
import { canonicalJson } from "../model/ledger.ts";
import type { StepRequest } from "../model/step.ts";

/** What one step is and when it runs. */
export interface StepArgs {
  /** Public data only: it stands in the state in clear. */
  request: StepRequest;
  /** The step runs again when one of these changes, and only then. */
  triggers: pulumi.Input<string | number>[];
  databasePassword?: pulumi.Output<string> | undefined;
  /** What secret Helm values are made of; a Pulumi secret. */
  upgradeAssistant?: pulumi.Output<string> | undefined;
}

/** The one wrapper of local.Command: a step of cutover as a Pulumi resource. Its stdout is the step's receipt. */
export class Step extends Command {
  constructor(name: string, args: StepArgs, opts: pulumi.CustomResourceOptions) {
    const { databasePassword, upgradeAssistant } = args;
    const environment = {
      ...(databasePassword === undefined ? {} : { CUTOVER_DATABASE_PASSWORD: databasePassword }),
      ...(upgradeAssistant === undefined ? {} : { CUTOVER_UPGRADE_ASSISTANT: upgradeAssistant }),
    };
    super(
      name,
      {
        create: "node steps/bootstrap.cjs",
        // Any other changed input (a rotated password, an address) must not run the step: the receipt is printed again.
        update: 'printf %s "$PULUMI_COMMAND_STDOUT"',
        addPreviousOutputInEnv: true,
        stdin: canonicalJson(args.request),
        triggers: args.triggers,
        logging: "stderr",
        ...(Object.keys(environment).length === 0 ? {} : { environment }),
      },
      opts,
    );
  }
}
