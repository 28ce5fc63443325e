import { parseAttempt } from "../clients/ledger-run.ts";
import { operationOfRun } from "../model/run-operation.ts";
import { configureStepSpec } from "../model/step-specs.ts";
import { activateLicence, type ConfigureStepSpec, type LicenceState } from "./configure/licence.ts";
import { settleSettings, type SettingsOutcome } from "./configure/settings.ts";
import { parseSpec, type Outcome, type StepContext } from "./context.ts";

/**
 * What has to be set after the migration (facts/domain.md A2, A6): the licence, then the settings that are kept in the tenants'
 * databases. In a rollback the settings come with the databases and are not asked for again.
 */
export async function run(context: StepContext): Promise<Outcome> {
  const spec = parseSpec(configureStepSpec, context.request);
  const licence = await activateLicence(context, spec);
  const run = parseAttempt(context.request.attempt)?.run ?? 0;
  const operation = operationOfRun(await (await context.ledger()).pages(), run);
  const settings = operation === "rollback" ? null : await settleSettings(context, spec);
  return {
    verdict: "passed",
    summary: `${spec.service.name}: ${[licenceText(spec, licence), settingsText(settings)].join("; ")}`,
    evidence: settings?.evidence ?? [],
    facts: {
      licence,
      tenants: settings?.tenants ?? [],
      settings: settings?.evidence.length ?? 0,
      written: settings?.written ?? 0,
      attested: settings?.attested ?? 0,
    },
  };
}

function licenceText(spec: ConfigureStepSpec, licence: LicenceState): string {
  const name = spec.configure.licence?.systemName ?? "";
  if (licence === "notAsked") return "no licence asked for";
  return licence === "active" ? `licence of ${name} is active` : `licence of ${name} activated`;
}

function settingsText(settings: SettingsOutcome | null): string {
  if (settings === null) return "settings come with the restored databases";
  const { evidence, written, attested, tenants } = settings;
  if (evidence.length === 0) return "no settings to check";
  return `${evidence.length} settings of ${tenants.length} tenants are right (${written} written, ${attested} attested)`;
}
