/** Says that something has begun, how long it has taken every 15 s, and that it is done. `expectedSeconds` is for the reader. */
export async function withProgress<Result>(
  what: string,
  expectedSeconds: number,
  say: (line: string) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const start = performance.now();
  const elapsed = (): string => duration((performance.now() - start) / 1000);
  say(`${what}: begun, about ${duration(expectedSeconds)} expected`);
  const timer = setInterval(() => say(`${what}: ${elapsed()} of about ${duration(expectedSeconds)}`), 15_000);
  try {
    const result = await work();
    say(`${what}: done in ${elapsed()}`);
    return result;
  } finally {
    clearInterval(timer);
  }
}

/** `45s`, `7m30s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole}s` : `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, "0")}s`;
}
