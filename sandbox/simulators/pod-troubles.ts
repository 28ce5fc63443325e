import { setTimeout as sleep } from "node:timers/promises";
import { requiredSecrets } from "./pod.ts";
import type { PodFace } from "./pod-face.ts";
import { running, terminated, waiting } from "./pod-status.ts";

const secretRetryMilliseconds = 300;
const backOffMilliseconds = 2000;
const pullRetryMilliseconds = 3000;
const crashMilliseconds = 100;

/** No node takes the pod. Ends by the signal only. */
export async function playUnschedulable(face: PodFace, signal: AbortSignal): Promise<void> {
  const message = "0/2 nodes are available: 2 Insufficient memory.";
  face.note(message);
  await face.show("Pending", null, message);
  await untilAborted(signal);
}

/** The image can't be pulled: ErrImagePull and ImagePullBackOff in turns. Ends by the signal only. */
export async function playPullError(face: PodFace, signal: AbortSignal): Promise<void> {
  const image = face.pod.spec.containers[0]?.image ?? "";
  face.note(`cannot pull ${image}`);
  for (let turn = 0; ; turn += 1) {
    const first = turn % 2 === 0;
    const message = first
      ? `failed to pull and unpack image "${image}": not found`
      : `Back-off pulling image "${image}"`;
    await face.show("Pending", waiting(first ? "ErrImagePull" : "ImagePullBackOff", message));
    await sleep(turn === 0 ? 300 : pullRetryMilliseconds, undefined, { signal });
  }
}

/** The container starts, exits with 1, waits, starts again. Ends by the signal only. */
export async function playCrashLoop(face: PodFace, signal: AbortSignal): Promise<void> {
  for (;;) {
    const startedAt = new Date().toISOString();
    await face.show("Running", running(startedAt, false, face.restarts));
    face.log.rotate();
    face.log.write(`starting ${face.pod.spec.containers[0]?.image ?? ""}`);
    face.log.write("ERROR the application's configuration is not usable");
    face.log.write("FATAL exiting with code 1");
    await sleep(crashMilliseconds, undefined, { signal });
    face.restarts += 1;
    face.events.push({ at: new Date().toISOString(), text: `container exited with code 1, restart ${face.restarts}` });
    const last = terminated(1, startedAt, new Date().toISOString());
    const message = `back-off restarting failed container in pod ${face.pod.metadata.name}`;
    await face.show("Running", waiting("CrashLoopBackOff", message, face.restarts, last));
    // The crash is in the current log too, as long as no new container has started.
    await sleep(backOffMilliseconds, undefined, { signal });
  }
}

/** Waits for the Secrets that the pod names, as a kubelet does: CreateContainerConfigError meanwhile. */
export async function waitForSecrets(face: PodFace, signal: AbortSignal): Promise<void> {
  const { namespace } = face.pod.metadata;
  for (const { name, key } of requiredSecrets(face.pod)) {
    for (let turn = 0; ; turn += 1) {
      const secret = await face.api.find<{ data?: Record<string, string> }>(
        `/api/v1/namespaces/${namespace}/secrets/${name}`,
      );
      if (secret !== null && (key === undefined || secret.data?.[key] !== undefined)) break;
      const message =
        secret === null
          ? `secret "${name}" not found`
          : `couldn't find key ${key ?? ""} in Secret ${namespace}/${name}`;
      if (turn === 0) {
        face.note(message);
        await face.show("Pending", waiting("CreateContainerConfigError", message));
      }
      await sleep(secretRetryMilliseconds, undefined, { signal });
    }
  }
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
