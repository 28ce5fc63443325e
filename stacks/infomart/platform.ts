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
};
