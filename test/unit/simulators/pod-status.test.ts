import assert from "node:assert/strict";
import { imageTagOf, requiredSecrets, wasReady, type PodStatus } from "../../../sandbox/simulators/pod.ts";
import { logLine } from "../../../sandbox/simulators/pod-log.ts";
import { running, statusPatch, terminated, waiting } from "../../../sandbox/simulators/pod-status.ts";
import { samplePod } from "./sample-pod.ts";

const now = "2026-11-22T10:00:00Z";
const earlier = "2026-11-22T09:00:00Z";
const image = "gim/gim:100.0.115.3900";

describe("status of a simulated pod", () => {
  const pod = samplePod({ release: "gim-t100", image });

  it("running, not ready, then ready", () => {
    const starting = statusPatch(pod, { phase: "Running", container: running(now, false, 0), podIP: "10.64.0.2" }, now);
    const status = starting.status as PodStatus;
    assert.equal(status.containerStatuses?.[0]?.ready, false);
    assert.equal(status.conditions?.find(({ type }) => type === "Ready")?.reason, "ContainersNotReady");
    const ready = statusPatch(pod, { phase: "Running", container: running(now, true, 0), podIP: "10.64.0.2" }, now)
      .status as PodStatus;
    assert.ok(wasReady({ ...pod, status: ready }));
    assert.equal(ready.podIP, "10.64.0.2");
  });

  it("reports the image that the spec names", () => {
    const { status } = statusPatch(
      pod,
      { phase: "Running", container: running(now, true, 0), podIP: "10.64.0.2" },
      now,
    );
    assert.equal((status.containerStatuses as { image: string }[])[0]?.image, image);
    assert.equal(imageTagOf(pod), "100.0.115.3900");
  });

  it("a condition that stays keeps its time", () => {
    const conditions = [{ type: "PodScheduled", status: "True" as const, lastTransitionTime: earlier }];
    const seen = samplePod({ release: "gim-t100", image, status: { conditions } });
    const { status } = statusPatch(
      seen,
      { phase: "Running", container: running(now, true, 0), podIP: "10.64.0.2" },
      now,
    );
    const times = Object.fromEntries(
      (status as PodStatus).conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]) ?? [],
    );
    assert.equal(times.PodScheduled, earlier);
    assert.equal(times.Ready, now);
  });

  it("a crash loop shows the last exit and the count of restarts", () => {
    const container = waiting("CrashLoopBackOff", "back-off", 3, terminated(1, earlier, now));
    const { status } = statusPatch(pod, { phase: "Running", container, podIP: "10.64.0.2" }, now);
    const [first] = status.containerStatuses as Record<string, unknown>[];
    assert.deepEqual(first?.state, { waiting: { reason: "CrashLoopBackOff", message: "back-off" } });
    assert.deepEqual(first?.lastState, {
      terminated: { exitCode: 1, reason: "Error", startedAt: earlier, finishedAt: now },
    });
    assert.equal(first?.restartCount, 3);
  });

  it("an unschedulable pod has no address and no containers", () => {
    const look = { phase: "Pending", container: null, unschedulable: "0/2 nodes", podIP: "10.64.0.2" } as const;
    const { status } = statusPatch(pod, look, now);
    assert.equal(status.podIP, null);
    assert.equal(status.containerStatuses, null);
    const scheduled = (status.conditions as { type: string; status: string; reason?: string }[]).find(
      ({ type }) => type === "PodScheduled",
    );
    assert.deepEqual([scheduled?.status, scheduled?.reason], ["False", "Unschedulable"]);
  });

  it("Secrets that the containers can't do without", () => {
    assert.deepEqual(requiredSecrets(pod), [{ name: "gim-gim-secrets", key: "gim-t100" }]);
  });

  it("log lines have the container log format, one line each", () => {
    assert.equal(logLine(new Date(now), "first\nsecond"), "2026-11-22T10:00:00.000000000Z stdout F first second\n");
  });
});
