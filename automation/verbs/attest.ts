import { attestationsOf, type Attestation } from "../../model/attestation.ts";
import {
  checkListOf,
  describeAllowed,
  isAllowed,
  keeperOf,
  sameValue,
  type SettingKeeper,
  type WantedSetting,
} from "../../model/configure.ts";
import { CutoverError } from "../../model/error.ts";
import type { Identity } from "../../model/operation.ts";
import { didYouMean } from "../../model/suggestion.ts";
import { whoAmI } from "../identity.ts";
import { chooseServices, servicesNow, type ServiceNow } from "../planned-services.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover attest STACK --tenant T`: a person says what a tenant's settings are, where nothing can read them. */
export const attest: Verb = {
  name: "attest",
  arguments: ["<stack>"],
  summary: "attest what a tenant's settings are after the upgrade",
  description:
    "Shows the check list of a tenant's settings and records, by the Kubernetes identity of your kubeconfig, what you have seen in the " +
    "product's own configuration. Counts for the release set and values as they are now, until the databases are migrated, restored or " +
    "cloned again. Changes no setting. Without --setting and --all it only shows the list.",
  examples: [
    "attest redpoint-dev --tenant acme --setting 'Environment > FileOutputDirectory' --value /rpifileoutputdir",
    "attest redpoint-prod --tenant acme --all --json",
  ],
  options: [
    {
      flags: "--tenant <suffix>",
      description: "the tenant: what follows Interaction_ in its database's name",
      required: true,
    },
    { flags: "--setting <name>", description: "one setting, as the list names it" },
    { flags: "--value <text>", description: "what the setting is now; with --setting" },
    { flags: "--all", description: "every setting that has one right value is as the list says" },
    { flags: "--service <name>", description: "one service, where several have such a list" },
  ],
  exitCodes: [],
  run: async (context) => record(context),
};

interface List {
  now: ServiceNow;
  wanted: KeptSetting[];
}

type KeptSetting = WantedSetting & { keeper: SettingKeeper };
type ListedSetting = KeptSetting & { attested: (Attestation & { at: string }) | null };

async function record(context: VerbContext): Promise<number> {
  const { stack = "" } = context.arguments;
  const tenant = textOption(context, "tenant") ?? "";
  const chosen = await listOf(context, stack, tenant);
  const said = statementsOf(context, stack, chosen.wanted);
  const ledger = await context.ledger(stack);
  const { name, digest } = chosen.now.service;
  if (said.length > 0) {
    const by = await whoAmI(await context.kubernetes(stack));
    await ledger.append(
      said.map((one) => ({ kind: "attestation" as const, ...attestation(chosen.now, tenant, one, by) })),
    );
  }
  const known = attestationsOf(await ledger.pages(), name, digest).filter((one) => one.tenant === tenant);
  const list = chosen.wanted.map((one) => ({
    ...one,
    attested: known.find((entry) => entry.setting === one.setting) ?? null,
  }));
  context.output.line(`${name} at ${chosen.now.releaseSet}, tenant ${tenant}:`);
  for (const one of list) context.output.line(`  ${describe(one)}`);
  const open = list.filter((one) => one.keeper === "person" && (one.attested === null || isWrong(one)));
  context.output.line(
    open.length === 0
      ? `next: cutover upgrade ${stack}`
      : `next: cutover attest ${stack} --tenant ${tenant} --setting NAME --value VALUE, ${open.length} to go`,
  );
  context.output.document({ stack, service: name, tenant, recorded: said.length, settings: list });
  return 0;
}

function attestation(
  { service, releaseSet }: ServiceNow,
  tenant: string,
  said: { setting: string; value: string },
  by: Identity,
): Attestation {
  return { service: service.name, tenant, ...said, releaseSet, digest: service.digest, by };
}

/** The tenant's check list of the one service that has one. */
async function listOf(context: VerbContext, stack: string, tenant: string): Promise<List> {
  const all = await servicesNow(context, stack);
  const asking = all.filter(({ service }) => service.steps.includes("configure") && hasSettings(service));
  const [now, other] = chooseServices(asking, textOption(context, "service"));
  if (now === undefined) throw nothingToAttest(stack);
  if (other !== undefined) throw severalServices(stack, asking);
  const settings = context.settings(stack);
  const tenants = settings.operationalDatabases?.tenants ?? [];
  // Without a list in the stack file the step finds the tenants in the databases: then any name may be right.
  if (tenants.length > 0 && !tenants.includes(tenant)) throw noSuchTenant(stack, tenant, tenants);
  const { wanted, problems } = checkListOf({
    settings: now.service.configure?.settings ?? [],
    tenants: tenants.length > 0 ? tenants : [tenant],
    values: now.service.values,
    chosen: settings.tenantSettings?.values ?? {},
  });
  if (problems.length > 0) throw noList(stack, problems);
  const statements = settings.operationalDatabases === undefined ? null : (settings.tenantSettings ?? null);
  const own = wanted.filter((one) => one.tenant === tenant);
  return { now, wanted: own.map((one) => ({ ...one, keeper: keeperOf(one, statements) })) };
}

const hasSettings = (service: ServiceNow["service"]): boolean => (service.configure?.settings ?? []).length > 0;

/** What the person says by this command; empty: only looks. */
function statementsOf(
  context: VerbContext,
  stack: string,
  wanted: readonly KeptSetting[],
): { setting: string; value: string }[] {
  const [setting, value] = [textOption(context, "setting"), textOption(context, "value")];
  const all = context.options["all"] === true;
  if (all && setting === undefined && value === undefined) {
    return wanted.flatMap(({ keeper, setting, value }) =>
      keeper !== "person" || value === null ? [] : [{ setting, value }],
    );
  }
  if (setting === undefined && value === undefined) return [];
  if (all || setting === undefined || value === undefined) throw wrongOptions(stack);
  const item = wanted.find((one) => one.setting === setting);
  if (item === undefined) throw noSuchSetting(stack, setting, wanted);
  if (item.keeper !== "person") throw keptBySql(stack, item);
  if (item.value === null && !isAllowed(value, item.allowed)) throw notAllowed(stack, item, value);
  return [{ setting, value }];
}

function describe(one: ListedSetting): string {
  const { setting, value, allowed, text } = one;
  const must = value ?? (allowed.length === 0 ? "as you decide" : `one of ${describeAllowed(allowed)}`);
  return `${setting}: must be ${must}; ${stateOf(one)}${text === "" ? "" : `. ${text}`}`;
}

function stateOf(one: ListedSetting): string {
  const { keeper, attested } = one;
  if (keeper !== "person") return `${keeper} by SQL (cutover:tenantSettings), nothing to attest`;
  if (attested === null) return "not attested";
  return `attested as ${attested.value}${isWrong(one) ? ", WRONG" : ""} (${attested.by.username}, ${attested.at})`;
}

function isWrong({ attested, value }: ListedSetting): boolean {
  return attested !== null && value !== null && !sameValue(attested.value, value);
}

function refused(code: `CUT-${number}`, happened: string, evidence: string[], next: string): CutoverError {
  return new CutoverError({
    code,
    verdict: "failed",
    happened,
    evidence,
    untouched: "Nothing was recorded.",
    next,
    exitCode: 2,
  });
}

function nothingToAttest(stack: string): CutoverError {
  const next = "Settings to attest are in configure.settings of a release set.";
  return refused("CUT-6470", `no service of ${stack} has settings to attest`, [], next);
}

function severalServices(stack: string, services: readonly ServiceNow[]): CutoverError {
  const names = services.map(({ service }) => service.name);
  return refused("CUT-6471", `several services of ${stack} have settings to attest`, names, "Name one by --service.");
}

function noSuchTenant(stack: string, tenant: string, tenants: readonly string[]): CutoverError {
  const happened = `${stack} has no tenant ${tenant}${didYouMean(tenant, tenants)}`;
  return refused("CUT-6472", happened, [`tenants: ${tenants.join(", ")}`], "Name one of these by --tenant.");
}

function noList(stack: string, problems: string[]): CutoverError {
  const next = "Correct the release set's configure.settings or cutover:tenantSettings.values.";
  return refused(
    "CUT-6473",
    `the settings of ${stack} cannot be told from its release set and its file`,
    problems,
    next,
  );
}

function wrongOptions(stack: string): CutoverError {
  const next = `cutover attest ${stack} --tenant T --setting NAME --value VALUE, or --all`;
  return refused("CUT-6474", "--setting and --value belong together, and --all stands alone", [], next);
}

function noSuchSetting(stack: string, setting: string, wanted: readonly WantedSetting[]): CutoverError {
  const names = wanted.map((one) => one.setting);
  const happened = `the check list of ${stack} has no setting "${setting}"${didYouMean(setting, names)}`;
  return refused("CUT-6475", happened, [`settings: ${names.join("; ")}`], "Name one of these by --setting.");
}

function notAllowed(stack: string, { setting, allowed }: WantedSetting, value: string): CutoverError {
  const happened = `${value} is no value that ${setting} of ${stack} may have`;
  return refused("CUT-6476", happened, [describeAllowed(allowed)], "Give one of these by --value.");
}

function keptBySql(stack: string, { tenant, setting, keeper }: KeptSetting): CutoverError {
  return refused(
    "CUT-6478",
    `${setting} of ${tenant} is ${keeper} by SQL: what a person says about it does not count`,
    ["the statements are in cutover:tenantSettings of the stack file"],
    keeper === "written"
      ? `cutover upgrade ${stack} writes and reads it; to have people attest it, remove the statements.`
      : `Correct it in the product, then: cutover upgrade ${stack}, which reads it.`,
  );
}
