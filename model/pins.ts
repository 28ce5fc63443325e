/** Release set per service; `absent`: not there. */
export type Assignment = ReadonlyMap<string, string>;

/** The settings that put every service where the assignment says: the stack's release set and pins for those that differ. */
export function settingsFor(
  release: string,
  assignment: Assignment,
): { release: string; pins: Record<string, string> | null } {
  const pins = Object.fromEntries([...assignment].filter(([, set]) => set !== release));
  return { release, pins: Object.keys(pins).length === 0 ? null : pins };
}

/** One service moved by one short `up`, and where everything stands after it. */
export interface Move {
  service: string;
  to: string;
  after: Assignment;
}

/** Moves services one by one from where they stand, in the order of the targets. */
export function movesOf(from: Assignment, targets: readonly { service: string; releaseSet: string }[]): Move[] {
  const standing = new Map(from);
  return targets.map(({ service, releaseSet }) => {
    standing.set(service, releaseSet);
    return { service, to: releaseSet, after: new Map(standing) };
  });
}
