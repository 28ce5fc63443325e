import assert from "node:assert/strict";
import { findReferences, pullSecretsOfValues } from "../../../steps/preflight/references.ts";
import { describeRight, distinctRights, rightsByResource, rightsOf } from "../../../steps/preflight/rights.ts";
import { service } from "./situation.ts";

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
