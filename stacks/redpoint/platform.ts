import type { PlatformDefinition } from "../../model/platform.ts";

/**
 * Redpoint Interaction: v6 runs on nodes of its own, v7 is one Helm release, and one more per tenant with Realtime, which is
 * single-tenant (facts/domain.md A5).
 */
export const platform: PlatformDefinition = {
  name: "redpoint",
  roles: [{ role: "rpi" }, { role: "rpi-realtime", perTenant: true, namespacePerTenant: true, needs: ["rpi"] }],
  sequential: true,
  order: { upgrade: ["rpi", "rpi-realtime"], install: ["rpi", "rpi-realtime"] },
  checkGroups: ["operationalDatabases", "nodes", "redpoint"],
  secretValues: "upgradeAssistant",
  uninstall: {
    warnings: [
      {
        role: "rpi",
        text: "Without RPI v7 nobody can work with Redpoint Interaction, unless v6 is started again (cutover rollback does that).",
      },
    ],
    keeps: [
      "the operational databases (Pulse, Pulse_Logging, Interaction_*, InteractionAudit_*) and the realtime databases",
      "the file shares behind the storage claims",
      "the v6 nodes",
    ],
    leftovers: [],
  },
};
