/** What has to be done before this process may end. */
const endings = new Set<() => Promise<void>>();
let firstSignalAt: number | null = null;

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Does something before this process ends by SIGINT, SIGTERM or SIGHUP. A second signal more than half a second later ends it at
 * once (the first Ctrl-C may arrive twice: from the terminal and from npm). Returns how to take it back.
 */
export function beforeSignalEnds(work: () => Promise<void>): () => void {
  if (endings.size === 0) for (const signal of signals()) process.on(signal, onSignal);
  endings.add(work);
  return () => {
    endings.delete(work);
    if (endings.size === 0) for (const signal of signals()) process.removeListener(signal, onSignal);
  };
}

function signals(): (keyof typeof exitCodes)[] {
  return ["SIGHUP", "SIGINT", "SIGTERM"];
}

function onSignal(signal: NodeJS.Signals): void {
  const exitCode = exitCodes[signal as keyof typeof exitCodes];
  if (firstSignalAt !== null) {
    if (performance.now() - firstSignalAt > 500) process.exit(exitCode);
    return;
  }
  firstSignalAt = performance.now();
  void Promise.allSettled([...endings].map((work) => work())).then(() => process.exit(exitCode));
}
