/** One service with the release set that runs now (null: not installed) and the one wanted. */
export interface Move {
  service: string;
  from: string | null;
  to: string;
}

/** Why a move breaks the rule. `with` is the other service when two services would be too far apart. */
export interface SkewProblem {
  service: string;
  release: string;
  with: { service: string; release: string } | null;
  /** Releases between the two, counted on the list. */
  distance: number;
}

/** Info Mart: services inter-operate within N-2 releases (seed 001). */
export const supportedSkew = 2;

/** How many releases lie between two release sets on the list; null when one is not on it. */
export function releaseDistance(left: string, right: string, releaseOrder: readonly string[]): number | null {
  const a = releaseOrder.indexOf(left);
  const b = releaseOrder.indexOf(right);
  return a < 0 || b < 0 ? null : Math.abs(a - b);
}

/**
 * Everything that would leave the supported range: a service moved over more than `limit` releases, or two services that
 * would stand further apart, at the end or while the run is between them. Release sets off the list are not judged here.
 */
export function skewProblems(
  moves: readonly Move[],
  releaseOrder: readonly string[],
  limit: number = supportedSkew,
): SkewProblem[] {
  const problems: SkewProblem[] = [];
  for (const move of moves) {
    const distance = move.from === null ? 0 : (releaseDistance(move.from, move.to, releaseOrder) ?? 0);
    if (distance > limit) problems.push({ service: move.service, release: move.to, with: null, distance });
  }
  for (const [index, move] of moves.entries()) {
    for (const other of moves.slice(index + 1)) {
      const problem = pairProblem(move, other, releaseOrder, limit);
      if (problem !== null) problems.push(problem);
    }
  }
  return problems;
}

// `first` moves before `second`: for a while first.to runs beside second.from; at the end first.to beside second.to.
function pairProblem(first: Move, second: Move, releaseOrder: readonly string[], limit: number): SkewProblem | null {
  let worst: SkewProblem | null = null;
  for (const release of [second.from, second.to]) {
    if (release === null) continue;
    const distance = releaseDistance(first.to, release, releaseOrder) ?? 0;
    if (distance <= limit || distance <= (worst?.distance ?? 0)) continue;
    worst = { service: first.service, release: first.to, with: { service: second.service, release }, distance };
  }
  return worst;
}

/**
 * The fewest release sets to go through before `to`, so that no step is longer than `limit`: empty when none is needed or
 * when one of the two is not on the list. `from` is the oldest release set that runs.
 */
export function intermediateStops(
  from: string,
  to: string,
  releaseOrder: readonly string[],
  limit: number = supportedSkew,
): string[] {
  const start = releaseOrder.indexOf(from);
  const end = releaseOrder.indexOf(to);
  if (start < 0 || end < 0 || limit < 1) return [];
  return releaseOrder.slice(start, end).filter((_release, index) => index > 0 && index % limit === 0);
}

/** The oldest release set that any service runs; null when nothing runs or none is on the list. */
export function oldestRunning(moves: readonly Move[], releaseOrder: readonly string[]): string | null {
  const running = new Set(moves.map((move) => move.from));
  return releaseOrder.find((release) => running.has(release)) ?? null;
}
