import type { Page } from "../../model/ledger.ts";
import { summarize } from "../../model/ledger-summary.ts";
import { servicesNow } from "../planned-services.ts";
import type { VerbContext } from "../verb.ts";
import { measureFigures, type MeasuredFigure } from "../verify/figures.ts";

/**
 * Records the figures of `cutover:performance` as they are before an upgrade. A run that is resumed keeps the ones that were taken
 * before it began. A figure that cannot be had is left out and said: it is no reason not to upgrade.
 */
export async function takeBaseline(context: VerbContext, stack: string): Promise<void> {
  const settings = context.settings(stack);
  if (settings.performance.length === 0) return;
  const ledger = await context.ledger(stack);
  if (summarize(await ledger.pages()).openRun !== null) return;
  const services = (await servicesNow(context, stack)).map(({ service }) => service);
  await recordBaseline(context, stack, await measureFigures(settings, services, context.signal));
}

/** Records what was measured. Figures that are missing are said and keep nothing of an older baseline. */
export async function recordBaseline(
  context: VerbContext,
  stack: string,
  measured: readonly MeasuredFigure[],
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const { key, now, problem } of measured) {
    if (now === null) context.output.note(`no baseline for ${key}: ${problem ?? "no figure"}`);
    else figures[key] = now;
  }
  await (await context.ledger(stack)).append({ kind: "baseline", figures });
  return figures;
}

/** The last recorded baseline, with when it was taken (ISO 8601, UTC); null: there is none. */
export function lastBaseline(pages: readonly Page[]): { at: string; figures: Record<string, number> } | null {
  const entries = [...pages].sort((a, b) => a.number - b.number).flatMap((page) => page.entries);
  const found = entries.findLast((entry) => entry.kind === "baseline");
  return found?.kind === "baseline" ? { at: found.at, figures: found.figures } : null;
}
