import assert from "node:assert/strict";
import { findReferences, pullSecretsOfValues } from "../../../steps/preflight/references.ts";
import { operationalDatabases as operationalDatabasesSchema } from "../../../model/operational-databases.ts";
import {
  describeRight,
  distinctRights,
  platformRights,
  rightsByResource,
  rightsOf,
} from "../../../steps/preflight/rights.ts";
import { contextOf, service } from "./situation.ts";

const pod = {
  imagePullSecrets: [{ name: "pullsecret" }],
  containers: [
    {
      env: [
        { name: "A", valueFrom: { secretKeyRef: { name: "gim-gim-secrets", key: "gim-t100" } } },
        { name: "B", valueFrom: { secretKeyRef: { name: "perhaps", key: "x", optional: true } } },
      ],
      envFrom: [{ secretRef: { name: "kafka" } }, { configMapRef: { name: "settings" } }],
    },
  ],
  volumes: [
    { name: "state", persistentVolumeClaim: { claimName: "gim-state" } },
    { name: "own", secret: { secretName: "made-here" } },
    { name: "all", projected: { sources: [{ secret: { name: "projected" } }, { configMap: { name: "own-map" } }] } },
  ],
};
const objects: unknown[] = [
  { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "gim" }, spec: { template: { spec: pod } } },
  { apiVersion: "v1", kind: "Secret", metadata: { name: "made-here" } },
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "own-map" } },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name: "i" },
    spec: { tls: [{ secretName: "tls" }, { secretName: "issued" }] },
  },
  { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "c" }, spec: { secretName: "issued" } },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "t", annotations: { "helm.sh/hook": "test" } },
    spec: { containers: [{ envFrom: [{ secretRef: { name: "only-for-tests" } }] }] },
  },
  null,
];

describe("references of a manifest", () => {
  const found = findReferences(objects);

  it("are what the release does not bring along, with the keys asked for", () => {
    assert.deepEqual([...found.secrets.keys()].sort(), ["gim-gim-secrets", "kafka", "projected"]);
    assert.deepEqual([...(found.secrets.get("gim-gim-secrets") ?? [])], ["gim-t100"]);
    assert.deepEqual([...found.pullSecrets], ["pullsecret"]);
    assert.deepEqual([...found.tlsSecrets], ["tls"]);
    assert.deepEqual([...found.configMaps], ["settings"]);
    assert.deepEqual([...found.storageClaims], ["gim-state"]);
  });

  it("tell what the release creates, by group and plural", () => {
    assert.deepEqual([...found.creates].sort(), [
      "/configmaps",
      "/secrets",
      "apps/deployments",
      "cert-manager.io/certificates",
      "networking.k8s.io/ingresses",
    ]);
  });

  it("pull secrets come as a map or as a list", () => {
    assert.deepEqual(pullSecretsOfValues({ imagePullSecrets: { pullsecret: {} } }), ["pullsecret"]);
    assert.deepEqual(pullSecretsOfValues({ imagePullSecrets: [{ name: "a" }, "b"] }), ["a", "b"]);
    assert.deepEqual(pullSecretsOfValues({}), []);
  });
});

describe("rights of a run", () => {
  it("cover what is created, restarted and executed", () => {
    const gim = service("gim", "r2026-11", {
      steps: ["check", "release", "migrate", "verify"],
      gates: [{ kind: "exec", name: "hello", timeoutSeconds: 10, command: ["true"] }],
      database: { namespace: "databases", secret: "s", key: "k" },
    });
    const rights = distinctRights(rightsOf(gim, findReferences(objects))).map(describeRight);
    for (const right of [
      "delete pods in gim",
      "create pods/exec in gim",
      "patch ingresses.networking.k8s.io in gim",
      "get secrets in databases",
    ]) {
      assert.ok(rights.includes(right), right);
    }
    assert.equal(new Set(rights).size, rights.length);
    assert.ok(!rights.includes("delete pods in gsp"));
  });

  const endpoint = { service: "rpi-deploymentapi", port: 80 };
  const asked = (more: Parameters<typeof service>[2]) =>
    rightsOf(service("rpi", "v7.6", more), findReferences([])).map(describeRight);
  const forwarding = ["get services in rpi", "create pods/portforward in rpi"];
  const http = { kind: "http", name: "ready", timeoutSeconds: 10, expectStatus: 200 } as const;

  it("cover the port-forward to an upgrade API, to be configured, and of gates", () => {
    const migrating = asked({ steps: ["release", "migrate"], upgradeApi: endpoint });
    assert.ok(!migrating.includes("delete pods in rpi"), "no pod is deleted by a migration that is called");
    const source = { kind: "http", service: "rpi", port: 80, expectStatus: 200, requests: 1, percentile: 95 } as const;
    const figure = { kind: "performance", name: "fast", timeoutSeconds: 10, worse: "higher", source } as const;
    for (const rights of [
      migrating,
      asked({ steps: ["configure"], configure: { endpoint, settings: [] } }),
      asked({ gates: [{ ...http, service: "rpi" }] }),
      asked({ gates: [figure] }),
    ])
      for (const right of forwarding) assert.ok(rights.includes(right), right);
  });

  it("ask for no port-forward where nothing is reached so", () => {
    const url = "https://rpi.example";
    for (const rights of [
      asked({}),
      asked({ gates: [{ ...http, url }] }),
      asked({ steps: ["release", "migrate"], upgradeApi: { ...endpoint, url } }),
      asked({ steps: ["release"], upgradeApi: endpoint, configure: { endpoint, settings: [] } }),
    ])
      for (const right of forwarding) assert.ok(!rights.includes(right), right);
  });

  it("cover the Secrets of databases and nodes, which may be elsewhere", () => {
    const connection = (namespace: string) => ({ namespace, secret: "s", key: "k" });
    const { spec } = contextOf({ services: [] });
    const server = (namespace: string) => ({ connection: connection(namespace), trustServerCertificate: false });
    const operationalDatabases = operationalDatabasesSchema.parse({
      ...{ provider: "sqlserver", mode: "clone", backupFolder: "/b", server: server("copies"), source: server("v6") },
    });
    const node = { name: "n", address: "a", port: 22, user: "u", hostKey: "ssh-ed25519 AAAA" };
    const nodes = [{ ...node, privateKey: connection("keys") }];
    const rights = platformRights({ ...spec, operationalDatabases, nodes }).map(describeRight);
    assert.deepEqual(rights, ["get secrets in copies", "get secrets in v6", "get secrets in keys"]);
    assert.deepEqual(platformRights(spec), []);
  });

  it("are told per resource and namespace", () => {
    const right = (verb: string, resource: string) => ({ verb, group: "apps", resource, namespace: "gim" });
    const lines = rightsByResource([
      right("get", "deployments"),
      right("patch", "deployments"),
      right("get", "statefulsets"),
    ]);
    assert.deepEqual(lines, ["deployments.apps in gim: get, patch", "statefulsets.apps in gim: get"]);
  });
});
