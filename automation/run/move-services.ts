import { summarize } from "../../model/ledger-summary.ts";
import { movesOf, settingsFor, type Assignment, type Move } from "../../model/pins.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import { runUpWithRetries, type Driver } from "./driver.ts";
import type { Ending } from "./ending.ts";

export interface Moved {
  /** Services that arrived, in order. */
  done: string[];
  /** The one that did not, and how its `up` ended; null: all arrived. */
  stoppedAt: { service: string; ending: Ending } | null;
}

/**
 * Moves services one after the other, each by pins in the stack file and one short `up` (design.md 3): the file, the state and the cluster
 * agree after each of them, and a broken sequence goes on where it stopped. `before` runs just before a service's own `up`.
 */
export async function moveServices(
  driver: Driver,
  input: {
    standing: Assignment;
    targets: readonly { service: string; releaseSet: string }[];
    release: string;
    before?: (move: Move) => Promise<void>;
    after?: (move: Move) => Promise<void>;
  },
): Promise<Moved> {
  const { context, stack } = driver;
  const done: string[] = [];
  for (const move of movesOf(input.standing, input.targets)) {
    context.output.note(`${move.service} -> ${move.to}`);
    await input.before?.(move);
    await editStackSettings(context.root, stack, settingsFor(input.release, move.after));
    const ending = await runUpWithRetries(driver);
    if (ending.kind !== "passed") return { done, stoppedAt: { service: move.service, ending } };
    await input.after?.(move);
    done.push(move.service);
  }
  return { done, stoppedAt: null };
}

/**
 * Moves all services by one `up`, for a rollback: the program takes them in reverse order while the ledger has the operation open. `before`
 * runs once for each service, before any of them is touched.
 */
export async function moveTogether(
  driver: Driver,
  input: {
    standing: Assignment;
    targets: readonly { service: string; releaseSet: string }[];
    release: string;
    before: (move: Move) => Promise<void>;
  },
): Promise<Moved> {
  const { context, stack, ledger } = driver;
  const moves = movesOf(input.standing, input.targets);
  const last = moves.at(-1);
  if (last === undefined) return { done: [], stoppedAt: null };
  for (const move of moves) {
    context.output.note(`${move.service} -> ${move.to}`);
    await input.before(move);
  }
  await editStackSettings(context.root, stack, settingsFor(input.release, last.after));
  const ending = await runUpWithRetries(driver);
  const services = input.targets.map(({ service }) => service);
  if (ending.kind === "passed") return { done: services, stoppedAt: null };
  const { verified } = summarize(await ledger.pages());
  const arrived = new Set(
    input.targets
      .filter(({ service, releaseSet }) => verified.get(service)?.releaseSet === releaseSet)
      .map(({ service }) => service),
  );
  const done = services.filter((service) => arrived.has(service));
  const stopped = ending.service ?? services.find((service) => !arrived.has(service)) ?? "";
  return { done, stoppedAt: { service: stopped, ending } };
}
