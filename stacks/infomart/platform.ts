import type { PlatformDefinition } from "../../model/platform.ts";

/** Genesys Info Mart: GIM and GCA once per tenant, GSP shared, monitoring beside its service (facts/domain.md B1). */
export const platform: PlatformDefinition = {
  name: "infomart",
  roles: [
    { role: "gim", perTenant: true, database: true },
    { role: "gim-monitoring", namespaceOf: "gim" },
    { role: "gsp" },
    { role: "gca", perTenant: true },
    { role: "gca-monitoring", namespaceOf: "gca" },
  ],
  // Seed 001: complete and verify one service before the next.
  sequential: true,
  order: {
    upgrade: ["gim", "gim-monitoring", "gsp", "gca", "gca-monitoring"],
    install: ["gsp", "gca", "gca-monitoring", "gim", "gim-monitoring"],
  },
  serviceValues: ({ tenant, database }) => ({
    ...(tenant === null ? {} : { tenant_id: tenant.id }),
    ...(tenant?.uuid === undefined ? {} : { tenant_uuid: tenant.uuid }),
    ...(database === null ? {} : { db: { secret: { name: database.secret, key: database.key } } }),
  }),
  checkGroups: ["chartPairing", "skew"],
  extras: {
    // Seed 001, "Update export views".
    exportViews: {
      role: "gim",
      command: ["./entrypoint.sh", "-job", "Job_MigrateGIM", "-make-export-views"],
      timeoutSeconds: 3600,
      reminder: [
        "update the target schema of your Data Export to the new tables and columns",
        "change your import processing to accommodate the Info Mart schema changes (see About Data Export)",
      ],
    },
  },
  // Seed 001, "Uninstall".
  uninstall: {
    warnings: [
      {
        text:
          "Uninstalling a service removes all Kubernetes resources of it. Genesys recommends that you contact Genesys Customer Care first, " +
          "particularly in production.",
      },
      {
        role: "gim",
        text: "The Info Mart database will no longer be updated; GCXI reports show what is in it by then.",
      },
    ],
    keeps: ["the Info Mart database", "files on the S3-compatible storage that GIM uses for Data Export"],
    leftovers: [
      {
        role: "gsp",
        kind: "configmaps",
        labelSelector: "app=${release}",
        text: "state of GSP's Flink jobs, which refers to files on its storage; clear it before GSP is installed again",
      },
    ],
  },
};
