import { join } from "node:path";
import { summarize } from "../../model/ledger-summary.ts";
import type { DatabaseReference } from "../../model/service.ts";
import type { PreflightService, PreflightSpec } from "../../model/step-specs.ts";
import type { StepContext } from "../context.ts";
import type { LedgerView, PreflightContext } from "./contract.ts";
import { historyOfTargets } from "./target-history.ts";
import { readDatabaseFacts } from "./database-facts.ts";
import type { PulumiSettings } from "./pulumi-settings.ts";
import { findReferences } from "./references.ts";
import { releasedValues, secretText } from "./secret-values.ts";
import { serviceState, type ServiceState } from "./service-state.ts";

/** Makes what the checks share over the step's context: nothing is fetched twice, nothing before it is asked for. */
export function preflightContext(step: StepContext, spec: PreflightSpec, pulumi: PulumiSettings): PreflightContext {
  const ledger = once<LedgerView>(async () => {
    const pages = await (await step.ledger()).pages();
    const run = Number(step.request.attempt.split(".")[0]);
    const before = Number.isNaN(run) ? pages : pages.filter((page) => page.number < run);
    return { pages, summary: summarize(pages), before: summarize(before), ...historyOfTargets(pages) };
  });
  const history = byKey(async (_key: string, namespace: string, release: string) =>
    (await step.helm()).history(namespace, release),
  );
  const render = byKey(async (_key: string, service: PreflightService) =>
    (await step.helm()).render({
      release: service.helmRelease,
      namespace: service.namespace,
      chartPath: join(step.root, service.chart.path),
      values: releasedValues(spec, service),
      secret: secretText(spec) !== null,
    }),
  );
  const renderOnce: PreflightContext["render"] = (service) =>
    render(`${service.name} ${service.releaseSet} ${service.digest}`, service);
  const renderable = once(async () => {
    const services = await pendingServices();
    const results = await Promise.allSettled(services.map(renderOnce));
    return services.filter((_service, index) => results[index]?.status === "fulfilled");
  });
  const references = byKey(async (_key: string, service: PreflightService) => {
    // `default`: the bundler gives a CommonJS module no named exports when it is loaded late.
    const { parseAllDocuments } = (await import("yaml")).default;
    const documents = parseAllDocuments(await renderOnce(service));
    return findReferences(documents.map((document): unknown => document.toJS() as unknown));
  });
  const postgres = byKey((_key: string, reference: DatabaseReference) => step.postgres(reference));
  const object = byKey(async (_key: string, ...where: Parameters<PreflightContext["object"]>) =>
    (await step.kubernetes()).get(...where),
  );
  const historyOf: PreflightContext["history"] = ({ namespace, helmRelease }) =>
    history(`${namespace}/${helmRelease}`, namespace, helmRelease);
  const states = once<ServiceState[]>(async () => {
    const view = await ledger();
    const state = async (service: PreflightService): Promise<ServiceState> =>
      serviceState(service, await historyOf(service), view, step.request.target.digest, spec.releaseOrder);
    return Promise.all(spec.services.map(state));
  });
  const pendingServices = once(async () => {
    const { summary } = await ledger();
    return spec.services.filter((service) => summary.verified.get(service.name)?.digest !== service.digest);
  });
  const postgresOf: PreflightContext["postgres"] = (reference) => postgres(databaseKey(reference), reference);
  const facts = byKey(async (_key: string, reference: DatabaseReference) =>
    readDatabaseFacts(await postgresOf(reference)),
  );
  const platformDatabases = once(async () => {
    const settings = spec.operationalDatabases;
    if (settings === null) throw new Error("the stack names no operational databases");
    // Before anything was verified there are no clones yet: what will be copied is at the source.
    const { lastVerified } = (await ledger()).before;
    const which = settings.mode === "clone" && lastVerified.size === 0 ? "source" : "server";
    const { discoverDatabases } = await import("../operational/discover.ts");
    return { settings, which, ...(await discoverDatabases(step, settings, which, spec.acknowledged)) } as const;
  });
  return {
    step,
    root: step.root,
    request: step.request,
    spec,
    pulumi,
    signal: step.signal,
    kubernetes: () => step.kubernetes(),
    helm: () => step.helm(),
    ledger,
    history: historyOf,
    states,
    pending: pendingServices,
    render: renderOnce,
    renderable,
    values: (service) => releasedValues(spec, service),
    references: (service) => references(`${service.name} ${service.digest}`, service),
    object: (kind, namespace, name) =>
      object(`${kind.group ?? ""}/${kind.plural}/${namespace ?? ""}/${name}`, kind, namespace, name),
    postgres: postgresOf,
    platformDatabases,
    databaseFacts: (reference) => facts(databaseKey(reference), reference),
  };
}

/** One text per database. */
export function databaseKey(reference: DatabaseReference): string {
  return `${reference.namespace}/${reference.secret}/${reference.key}`;
}

function once<Value>(get: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => (value ??= get());
}

function byKey<Rest extends unknown[], Value>(
  get: (key: string, ...rest: Rest) => Promise<Value>,
): (key: string, ...rest: Rest) => Promise<Value> {
  const values = new Map<string, Promise<Value>>();
  return (key, ...rest) => {
    const value = values.get(key) ?? get(key, ...rest);
    values.set(key, value);
    return value;
  };
}
