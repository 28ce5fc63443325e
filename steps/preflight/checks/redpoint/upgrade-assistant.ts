import { assistantValues, pluginNotes } from "../../../../model/redpoint/assistant-values.ts";
import { readAssistant } from "../../../../model/redpoint/upgrade-assistant.ts";
import type { Check } from "../../contract.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";
import { secretText } from "../../secret-values.ts";
import { redpointReleases } from "./releases.ts";

/**
 * The Upgrade Assistant's output can be read, a person knows of every plugin that v7 does not have, and what found no place in the
 * values is said. Only names are shown.
 */
export const upgradeAssistant: Check = {
  name: "redpoint-upgrade-assistant",
  code: "CUT-3207",
  overridable: true,
  async run(context) {
    const { spec, request } = context;
    const text = secretText(spec);
    if (text === null) {
      return skipped("cutover:upgradeAssistant is not set: its settings and plugins are not judged");
    }
    const report = readAssistant(text);
    const [main] = redpointReleases(context);
    const { unmapped } = assistantValues(report, {
      generation: main?.generation ?? "from77",
      mode: spec.operationalDatabases?.mode ?? "inPlace",
      realtimeReleases: spec.services.filter((service) => service.role === "rpi-realtime").length,
    });
    const evidence = unmapped.map((line) => `not taken over: ${line}`);
    const known = new Set([...spec.acknowledged, ...(await context.ledger()).summary.acknowledged]);
    const open = pluginNotes(report).filter(({ id }) => !known.has(id));
    if (open.length > 0) {
      return failed(
        `${count(open.length, "plugin")} of v6 not compatible with v7`,
        [...open.map(({ id, name }) => `${name}: acknowledge as ${id}`), ...evidence],
        `find out what replaces each (Redpoint Service Desk), then: ${open.map(({ id }) => `cutover ack ${request.stack} ${id}`).join("; ")}; or add them to cutover:acknowledged`,
      );
    }
    return passed(
      `read; ${count(report.plugins.length, "plugin")}, ${count(unmapped.length, "setting")} not taken over`,
      evidence,
    );
  },
};
