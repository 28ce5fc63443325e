import { redpointImageTags, type RedpointGeneration } from "../charts/redpoint-rpi.ts";
import { redpointServices } from "../simulators/redpoint/services.ts";
import { redpointSecrets } from "./secrets.ts";

type Values = Record<string, unknown>;

/** What the values of a release depend on. */
export interface ValuesOptions {
  generation: RedpointGeneration;
  provider: "sqlserver" | "postgresql";
  /** Absent: the generation's build. */
  imageTag?: string;
  /** False: the tenants have realtime releases of their own. Default true. */
  realtime?: boolean;
}

const registry = "registry.sandbox.example/rpi";
const mounted = { FileOutputDirectory: { enabled: true }, DataManagementUploadDirectory: { enabled: true } };

/** Helm values of the main release in a namespace of the sandbox. The Secret exists before in both generations. */
export function mainValues({ generation, provider, imageTag, realtime = true }: ValuesOptions): Values {
  const tag = imageTag ?? redpointImageTags[generation];
  // The sandbox is no cloud: a plain SQL Server, or PostgreSQL.
  const operational = { provider: provider === "sqlserver" ? "sqlserveronvm" : "postgresql" };
  const common = {
    storage: { persistentVolumeClaims: mounted },
    realtimeapi: { enabled: realtime },
    ingress: { domain: "example.com" },
  };
  if (generation === "7.6") {
    return {
      ...common,
      global: { deployment: { platform: "selfhosted", images: { tag } } },
      databases: { operational },
      cloudIdentity: { secretsManagement: { autoCreateSecrets: false, secretName: redpointSecrets.application } },
    };
  }
  const images = { registry, tag, imagePullSecret: { enabled: true, name: redpointSecrets.pull } };
  return {
    ...common,
    global: { deployment: { platform: "selfhosted", images } },
    databases: { operational },
    secretsManagement: { provider: "kubernetes", kubernetes: { secretName: redpointSecrets.application } },
  };
}

/** Helm values of one tenant's realtime release: only realtimeapi, in a namespace of its own (facts/domain.md A5). */
export function realtimeValues(options: ValuesOptions, clientId: string): Values {
  const others = redpointServices.map((service) => service.replace("rpi-", ""));
  return {
    ...mainValues(options),
    ...Object.fromEntries(others.map((service) => [service, { enabled: false }])),
    realtimeapi: {
      enabled: true,
      rpiClientID: clientId,
      cacheProvider: { enabled: true, provider: "mongodb" },
      queueProvider: { enabled: true, provider: "rabbitmq" },
    },
  };
}
