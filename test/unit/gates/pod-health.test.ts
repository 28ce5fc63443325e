import assert from "node:assert/strict";
import fc from "fast-check";
import type { ClusterObject } from "../../../model/cluster-object.ts";
import { healthOf, type NamespaceObjects } from "../../../model/pod-health.ts";
import { deployment, image, objects, pod, release, tag, waitingPod } from "./cluster-objects.ts";

const judge = (change: Partial<NamespaceObjects>, imageTag: string | null = tag) =>
  healthOf(objects(change), { helmRelease: release, imageTag });
const reasons = (change: Partial<NamespaceObjects>) => judge(change).troubles.map((trouble) => trouble.reason);

describe("health of a release", () => {
  it("is healthy when every replica is updated, ready and of the declared image", () => {
    const health = judge({ deployments: [deployment(2)], pods: [pod("a"), pod("b")] });
    assert.deepEqual(health.troubles, []);
    assert.equal(health.state, "healthy");
    assert.equal(health.pods.length, 2);
  });

  for (const reason of [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
  ]) {
    it(`is hopeless with a container in ${reason}, and names pod, container and message`, () => {
      const health = judge({
        deployments: [deployment(1, { status: { readyReplicas: 0 } })],
        pods: [waitingPod(reason, "because")],
      });
      assert.equal(health.state, "hopeless");
      const [trouble] = health.troubles.filter((entry) => entry.hopeless);
      assert.equal(trouble?.reason, reason);
      assert.equal(trouble.pod, "a");
      assert.equal(trouble.container, "gim");
      assert.match(trouble.message, /because/);
    });
  }

  it("only waits for a container that runs and is not ready yet", () => {
    const status = { name: "gim", ready: false, restartCount: 0, image, state: { running: {} } };
    const health = judge({
      deployments: [deployment(1, { status: { readyReplicas: 0 } })],
      pods: [pod("a", { status })],
    });
    assert.equal(health.state, "waiting");
  });

  it("waits while the controller has not seen the new generation, and does not judge the pods of the old one", () => {
    const change = {
      deployments: [deployment(1, { status: { observedGeneration: 4 } })],
      pods: [waitingPod("CrashLoopBackOff")],
    };
    assert.deepEqual(reasons(change), ["NotObserved"]);
    assert.equal(judge(change).state, "waiting");
  });

  it("waits for old pods to go, and their trouble does not count", () => {
    const old = pod("z", {
      owner: "old",
      deleting: true,
      image: "registry.example/gim/gim:1",
      status: { ready: false, name: "gim" },
    });
    const change = { deployments: [deployment(1)], pods: [pod("a"), old] };
    assert.deepEqual(reasons(change), ["OldPods"]);
    assert.equal(judge(change).state, "waiting");
  });

  it("is hopeless when the template does not carry the declared tag: the chart was given it under an unread key", () => {
    const health = judge({ deployments: [deployment(1)], pods: [pod("a")] }, "100.0.117.1");
    assert.equal(health.state, "hopeless");
    assert.match(health.troubles[0]?.message ?? "", /declared tag 100\.0\.117\.1.*gim:100\.0\.116\.4200/);
  });

  it("leaves other images alone, and waits when the node reports another tag", () => {
    const sidecar = {
      containers: [
        { name: "gim", image },
        { name: "proxy", image: "envoy:1" },
      ],
    };
    const withSidecar = deployment(1, { spec: { template: { spec: sidecar } } });
    assert.equal(judge({ deployments: [withSidecar], pods: [pod("a")] }).state, "healthy");
    const reported = {
      name: "gim",
      ready: true,
      restartCount: 0,
      image: "registry.example/gim/gim:1",
      state: { running: {} },
    };
    assert.equal(judge({ deployments: [deployment(1)], pods: [pod("a", { status: reported })] }).state, "waiting");
  });

  it("is hopeless on a refused replica (quota), a paused rollout, and when everything is scaled to zero", () => {
    const refusedBy = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota" };
    const refused = deployment(1, {
      status: { conditions: [refusedBy], replicas: 0, updatedReplicas: 0, readyReplicas: 0 },
    });
    assert.equal(judge({ deployments: [refused] }).state, "hopeless");
    assert.match(judge({ deployments: [refused] }).troubles[0]?.message ?? "", /exceeded quota/);
    assert.equal(
      judge({ deployments: [deployment(1, { spec: { paused: true } })], pods: [pod("a")] }).state,
      "hopeless",
    );
    assert.equal(judge({ deployments: [deployment(0)] }).state, "hopeless");
  });

  it("gives the scheduler a grace for an unschedulable pod", () => {
    const unschedulable: ClusterObject = {
      ...pod("a"),
      status: {
        phase: "Pending",
        conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/2 nodes" }],
      },
    };
    const health = judge({ deployments: [deployment(1, { status: { readyReplicas: 0 } })], pods: [unschedulable] });
    const [trouble] = health.troubles.filter((entry) => entry.hopeless);
    assert.equal(trouble?.graceMilliseconds, 1000);
  });

  it("is hopeless when a container restarts again and again without ever being seen in the back-off", () => {
    const status = { name: "gim", ready: false, restartCount: 4, image, state: { running: {} } };
    const change = objects({
      deployments: [deployment(1, { status: { readyReplicas: 0 } })],
      pods: [pod("a", { status })],
    });
    const target = { helmRelease: release, imageTag: tag };
    assert.equal(healthOf(change, target, new Map([["a/gim", 1]])).state, "hopeless");
    assert.equal(healthOf(change, target, new Map([["a/gim", 3]])).state, "waiting");
  });

  it("ignores evicted pods, which their controller has replaced, and the workloads of other releases", () => {
    const evicted = { ...pod("e"), status: { phase: "Failed", reason: "Evicted" } };
    assert.equal(judge({ deployments: [deployment(1)], pods: [pod("a"), evicted] }).state, "healthy");
    assert.equal(
      healthOf(objects({ deployments: [deployment(1)], pods: [] }), { helmRelease: "gsp", imageTag: null }).state,
      "noWorkloads",
    );
  });

  it("property: is healthy exactly when every count is complete and every pod is ready", () => {
    const counts = fc.record({
      desired: fc.integer({ min: 1, max: 4 }),
      updated: fc.integer({ min: 0, max: 4 }),
      ready: fc.integer({ min: 0, max: 4 }),
      podsReady: fc.integer({ min: 0, max: 4 }),
      podsOther: fc.integer({ min: 0, max: 2 }),
      seen: fc.boolean(),
    });
    fc.assert(
      fc.property(counts, ({ desired, updated, ready, podsReady, podsOther, seen }) => {
        const status = { updatedReplicas: updated, readyReplicas: ready, observedGeneration: seen ? 5 : 4 };
        const notReady = { name: "gim", ready: false, restartCount: 0, image, state: { running: {} } };
        const pods = [
          ...Array.from({ length: podsReady }, (_, index) => pod(`r${index}`)),
          ...Array.from({ length: podsOther }, (_, index) => pod(`n${index}`, { status: notReady })),
        ];
        const complete = seen && updated === desired && ready === desired && podsReady === desired && podsOther === 0;
        const { state } = judge({ deployments: [deployment(desired, { status })], pods });
        assert.equal(state, complete ? "healthy" : "waiting");
      }),
    );
  });
});
