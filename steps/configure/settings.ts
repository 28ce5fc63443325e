import { attestationsOf } from "../../model/attestation.ts";
import {
  checkListOf,
  describeAllowed,
  judgeSetting,
  type SettingJudgement,
  type WantedSetting,
} from "../../model/configure.ts";
import type { StepContext } from "../context.ts";
import type { ConfigureStepSpec } from "./licence.ts";
import { noTenants, notDerived, openSettings, wrongSettings } from "./errors.ts";
import { tenantSettingsOf, type TenantSettingStore } from "./tenant-settings.ts";

/** What was found and done. */
export interface SettingsOutcome {
  tenants: string[];
  /** One line a setting and tenant. */
  evidence: string[];
  written: number;
  attested: number;
}

/**
 * Works through the check list of every tenant: what can be read is compared, what may be written is written and read back, everything
 * else has to be attested by a person. Throws CUT-5740 (no check list), CUT-5741 (no tenants), CUT-5742 (wrong), CUT-5743 (a person must look).
 */
export async function settleSettings(context: StepContext, spec: ConfigureStepSpec): Promise<SettingsOutcome> {
  const { settings } = spec.configure;
  if (settings.length === 0) return { tenants: [], evidence: [], written: 0, attested: 0 };
  const store = tenantSettingsOf(context, spec);
  try {
    return await settleWith(context, spec, store);
  } finally {
    await store?.close();
  }
}

async function settleWith(
  context: StepContext,
  spec: ConfigureStepSpec,
  store: TenantSettingStore | null,
): Promise<SettingsOutcome> {
  const { settings } = spec.configure;
  const tenants = spec.tenants.length > 0 ? spec.tenants : ((await store?.tenants()) ?? []);
  if (tenants.length === 0) throw noTenants(context.request.stack, spec);
  const chosen = spec.tenantSettings?.values ?? {};
  const { wanted, problems } = checkListOf({ settings, tenants, values: spec.values, chosen });
  if (problems.length > 0) throw notDerived(context.request.stack, spec, problems);
  return settleAll(context, spec, { wanted, tenants, store });
}

interface Settled {
  wanted: WantedSetting;
  judged: SettingJudgement;
  written: boolean;
}

async function settleAll(
  context: StepContext,
  spec: ConfigureStepSpec,
  list: { wanted: readonly WantedSetting[]; tenants: string[]; store: TenantSettingStore | null },
): Promise<SettingsOutcome> {
  const { name, digest } = spec.service;
  const attestations = attestationsOf(await (await context.ledger()).pages(), name, digest);
  const settled: Settled[] = [];
  for (const wanted of list.wanted) {
    context.signal.throwIfAborted();
    const attested = attestations.find((one) => one.tenant === wanted.tenant && one.setting === wanted.setting) ?? null;
    settled.push(await settleOne(list.store, wanted, attested));
  }
  const wrong = settled.filter(({ judged }) => judged.state === "wrong");
  const open = settled.filter(({ judged }) => judged.state === "open");
  const evidence = settled.map(describe);
  if (wrong.length > 0) throw wrongSettings(context.request.stack, spec, wrong.map(describe), open.map(describe));
  if (open.length > 0)
    throw openSettings(
      context.request.stack,
      open.map(({ wanted }) => wanted),
      open.map(describe),
    );
  return {
    tenants: list.tenants,
    evidence,
    written: settled.filter(({ written }) => written).length,
    attested: settled.filter(({ judged }) => judged.state === "right" && judged.how === "attested").length,
  };
}

/** Reads; writes and reads again where that is allowed and needed. */
async function settleOne(
  store: TenantSettingStore | null,
  wanted: WantedSetting,
  attested: { value: string } | null,
): Promise<Settled> {
  const { tenant, setting, value } = wanted;
  const read = await store?.read?.(tenant, setting);
  const judged = judgeSetting({ wanted, read, attested });
  if (judged.state !== "wrong" || value === null || store?.write === undefined)
    return { wanted, judged, written: false };
  await store.write(tenant, setting, value);
  const after = await store.read?.(tenant, setting);
  return { wanted, judged: judgeSetting({ wanted, read: after, attested }), written: true };
}

/** `t1: Environment > FileOutputDirectory is /fileoutputdir, must be /rpifileoutputdir`. */
function describe({ wanted, judged, written }: Settled): string {
  const { tenant, setting, value, allowed } = wanted;
  const must = value ?? (allowed.length === 0 ? "a value that a person decides" : `one of ${describeAllowed(allowed)}`);
  const also = written ? ", written" : "";
  switch (judged.state) {
    case "right":
      return `${tenant}: ${setting} is ${value ?? "as a person decided"} (${judged.how}${also})`;
    case "wrong":
      return `${tenant}: ${setting} is ${judged.found}, must be ${must}${written ? " (writing it had no effect)" : ""}`;
    case "open":
      return `${tenant}: ${setting} must be ${must}${judged.found === null ? "" : `, is ${judged.found}`}; not attested`;
  }
}
