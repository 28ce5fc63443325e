import { applicationAnnotation, type Pod } from "../../../sandbox/simulators/pod.ts";

/** A pod of GIM as its chart makes it, reduced to what the simulators read. */
export function samplePod(options: { release: string; image: string; status?: Pod["status"] }): Pod {
  const reference = { name: "gim-gim-secrets", key: "gim-t100" };
  return {
    metadata: {
      name: `${options.release}-abc`,
      namespace: "gim",
      uid: "1-2-3",
      labels: { "app.kubernetes.io/instance": options.release },
      annotations: { [applicationAnnotation]: "gim" },
    },
    spec: {
      nodeName: "node",
      containers: [
        {
          name: "gim",
          image: options.image,
          env: [{ name: "DB_CREDENTIALS", valueFrom: { secretKeyRef: reference } }],
        },
      ],
    },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}
