import type { SqlMessage } from "../../../clients/sqlserver/contracts.ts";
import { requestsOf, send } from "../../../clients/sqlserver/statements.ts";
import type { SqlServerView } from "./view.ts";

/** Number of `N percent processed.` */
const percentMessage = 3211;
const askEveryMilliseconds = 10_000;
const sayEveryMilliseconds = 1_000;

/**
 * Says how far a long statement is, from its own messages and from what the server shows of it; never the same or less twice, and
 * nothing of what takes no time. */
export class Percent {
  readonly #view: SqlServerView;
  readonly #what: string;
  #said = 0;
  #saidAt = performance.now();

  constructor(view: SqlServerView, what: string) {
    this.#view = view;
    this.#what = what;
  }

  /** For messages of the statement. */
  readonly onMessage = ({ number, text }: SqlMessage): void => {
    if (number === percentMessage) this.say(Number.parseInt(text, 10));
  };

  /** `leftMilliseconds`: the server's guess. */
  say(percent: number, leftMilliseconds = 0): void {
    if (!(percent >= this.#said + 5) || performance.now() - this.#saidAt < sayEveryMilliseconds) return;
    this.#said = Math.floor(percent);
    this.#saidAt = performance.now();
    const left = leftMilliseconds < 60_000 ? "" : `, about ${Math.ceil(leftMilliseconds / 60_000)} min left`;
    this.#view.context.progress(`${this.#what}: ${this.#said} %${left}`);
  }

  /** Asks the server beside the statement until the returned function is called. Only where the login may see it. */
  ask(program: string): () => void {
    if (!this.#view.seesRequests) return () => undefined;
    let asking = false;
    const timer = setInterval(() => {
      if (asking) return;
      asking = true;
      void this.askOnce(program)
        // Only progress: the statement itself reports what is wrong.
        .catch(() => undefined)
        .finally(() => (asking = false));
    }, askEveryMilliseconds);
    return () => clearInterval(timer);
  }

  /** True when a statement of this name runs; says how far it is. */
  async askOnce(program: string): Promise<boolean> {
    const running = await send(this.#view.master, requestsOf(program));
    for (const { percent_complete, estimated_completion_time } of running) {
      this.say(percent_complete, Number(estimated_completion_time));
    }
    return running.length > 0;
  }
}
