/** `2m10s`, `45s`, `0.4s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${(milliseconds / 1000).toFixed(1)}s`;
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return `${seconds}s`;
  return rest === 0 ? `${minutes}m` : `${minutes}m${rest}s`;
}

const firstAfter = 3_000;
const every = 10_000;

/** Says what a gate waits for: first after 3 s, then every 10 s, and whenever it waits for something else (at most once a second). */
export function createProgress(
  say: (line: string) => void,
  label: string,
  startedAt: number,
  deadline: number,
): (waitingFor: string) => void {
  let lastAt = -Infinity;
  let lastText = "";
  return (waitingFor) => {
    const now = Date.now();
    const elapsed = now - startedAt;
    const due = elapsed >= firstAfter && now - lastAt >= every;
    const news = elapsed >= firstAfter && waitingFor !== lastText && now - lastAt >= 1_000;
    if (!due && !news) return;
    lastAt = now;
    lastText = waitingFor;
    say(`${label}: ${waitingFor}, ${formatDuration(elapsed)} of ${formatDuration(deadline - startedAt)}`);
  };
}
