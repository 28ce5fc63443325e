import type { HelmRevision, Kubernetes, KubernetesObject } from "../../../clients/contracts.ts";
import { summarize } from "../../../model/ledger-summary.ts";
import { sha256, type EntryBody } from "../../../model/ledger.ts";
import type { Identity } from "../../../model/operation.ts";
import type { Guards, PreflightService, PreflightSpec } from "../../../model/step-specs.ts";
import type { StepRequest } from "../../../model/step.ts";
import type { PreflightContext } from "../../../steps/preflight/contract.ts";
import { serviceState } from "../../../steps/preflight/service-state.ts";
import { historyOfTargets } from "../../../steps/preflight/target-history.ts";
import { makePages } from "../model/ledger-pages.ts";

export const releaseOrder = ["r2026-05", "r2026-08", "r2026-11", "r2027-02"];
const builds: Record<string, string> = {
  "r2026-05": "3100",
  "r2026-08": "3400",
  "r2026-11": "3900",
  "r2027-02": "4200",
};

/** A service of a release set; the digest follows from name and release set unless given. */
export function service(name: string, release: string, more: Partial<PreflightService> = {}): PreflightService {
  const build = builds[release] ?? "1";
  return {
    name,
    role: name,
    tenant: null,
    namespace: name,
    helmRelease: name,
    releaseSet: release,
    digest: sha256(`${name} ${release}`),
    image: { tag: `100.0.116.${build}`, valuesKey: "image.tag" },
    schemaClass: "any",
    needs: [],
    chart: { path: `charts/${name}-${build}.tgz`, version: `100.0.116+${build}`, sha256: sha256(`${name} ${build}`) },
    values: { image: { tag: `100.0.116.${build}` } },
    steps: ["check", "release", "verify"],
    backup: null,
    database: null,
    schemaVersion: null,
    gates: [],
    configure: null,
    upgradeApi: null,
    helmTimeoutSeconds: 300,
    migrateTimeoutSeconds: 0,
    ...more,
  };
}

/** The Helm revision that cutover leaves of a service. */
export function revision(of: PreflightService, number: number, more: Partial<HelmRevision> = {}): HelmRevision {
  return {
    name: of.helmRelease,
    namespace: of.namespace,
    revision: number,
    status: "deployed",
    description: `sha256:${of.digest} ${of.releaseSet}`,
    chartName: of.role,
    chartVersion: of.chart.version,
    values: of.values as HelmRevision["values"],
    manifest: "",
    lastDeployed: "2026-11-01T00:00:00Z",
    ...more,
  };
}

/** Everything that the judging checks look at, as plain data. */
export interface Situation {
  services: PreflightService[];
  /** Helm's revisions per service, newest first. */
  history?: Record<string, HelmRevision[]>;
  pages?: EntryBody[][];
  /** The last page is an unfinished run. */
  open?: boolean;
  spec?: Partial<PreflightSpec>;
  request?: Partial<StepRequest>;
  objects?: Record<string, Partial<KubernetesObject>>;
  guards?: Partial<Guards>;
  databases?: PreflightContext["platformDatabases"];
  /** Who runs, for the checks that ask. */
  runner?: Identity;
}

const noGuards = { lower: null, window: null, approvals: [], announce: null, rehearsal: null };

/** Hash and judges of the release set of this name in a situation. */
export const setNamed = (name: string) => ({
  hash: sha256(`folder ${name}`),
  judgedBy: { gim: "j-gim", gsp: "j-gsp" },
});

function setsOf(services: readonly PreflightService[]): Guards["releaseSets"] {
  return Object.fromEntries(services.map(({ releaseSet }) => [releaseSet, setNamed(releaseSet)]));
}

/** A context over a situation. Whatever needs a real system rejects: those checks are tried on the sandbox. */
export function contextOf(situation: Situation): PreflightContext {
  const { services, history = {} } = situation;
  const pages = makePages(situation.pages ?? [], situation.open ?? false);
  const targets = services.map((one) => `${one.name}=${one.digest}`).join(",");
  const request: StepRequest = {
    stack: "infomart-dev",
    platform: "infomart",
    environment: "dev",
    step: "preflight",
    service: null,
    attempt: `${pages.length + (situation.open === true ? 0 : 1)}.1`,
    target: { releaseSet: services[0]?.releaseSet ?? "r2026-08", digest: targets },
    cluster: { ledgerNamespace: "cutover" },
    spec: {},
    ...situation.request,
  };
  const spec: PreflightSpec = {
    services,
    waysBack: [],
    releaseOrder,
    notes: [],
    thirdParties: {},
    acknowledged: [],
    overrides: [],
    prometheus: null,
    kafka: null,
    backupFolder: ".cutover/backups",
    installOrder: [],
    checkGroups: [],
    secretValues: null,
    platformSteps: [],
    operationalDatabases: null,
    nodes: [],
    procedure: null,
    guards: { ...noGuards, releaseSets: setsOf(services), ...situation.guards },
    ...situation.spec,
  };
  const run = Number(request.attempt.split(".")[0]);
  const summary = summarize(pages);
  const before = summarize(pages.filter((page) => page.number < run));
  const view = { pages, summary, before, ...historyOfTargets(pages) };
  const unreal = () => Promise.reject(new Error("only on a real system"));
  const root = import.meta.dirname;
  const signal = new AbortController().signal;
  const step = {
    ...{ root, request, signal, progress: () => undefined },
    ...{ kubernetes: unreal, helm: unreal, ledger: unreal, credentials: unreal, postgres: unreal },
    ...{ connectionString: unreal, sqlServer: unreal },
  };
  return {
    step,
    root,
    request,
    spec,
    pulumi: { backend: null, skipsCheckpoints: false },
    signal,
    kubernetes: situation.runner === undefined ? unreal : () => Promise.resolve(clusterOf(situation.runner)),
    helm: unreal,
    ledger: () => Promise.resolve(view),
    history: (one) => Promise.resolve(history[one.helmRelease] ?? []),
    states: () =>
      Promise.resolve(
        services.map((one) => serviceState(one, history[one.name] ?? [], view, request.target.digest, releaseOrder)),
      ),
    pending: () => Promise.resolve(services.filter((one) => summary.verified.get(one.name)?.digest !== one.digest)),
    values: (one) => one.values as ReturnType<PreflightContext["values"]>,
    render: unreal,
    renderable: unreal,
    references: unreal,
    object: (kind, namespace, name) => {
      const found = situation.objects?.[`${kind.plural}/${namespace ?? ""}/${name}`];
      return Promise.resolve(found === undefined ? null : ({ metadata: { name }, ...found } as KubernetesObject));
    },
    postgres: unreal,
    databaseFacts: unreal,
    platformDatabases: situation.databases ?? unreal,
  };
}

/** The ledger's targets of these services. */
export function targetsOf(services: readonly PreflightService[]) {
  return services.map(({ name, releaseSet, digest }) => ({ service: name, releaseSet, digest }));
}

/** A cluster that knows only who asks. */
export function clusterOf(userInfo: Identity | undefined): Kubernetes {
  return { create: () => Promise.resolve({ status: { userInfo } }) } as unknown as Kubernetes;
}
