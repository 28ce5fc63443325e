import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import type { LedgerStore } from "../../../clients/ledger-contract.ts";
import type { Verb, VerbContext } from "../../../automation/verb.ts";
import { loadStackSettings } from "../../../stacks/config.ts";
import { createProject, type ProjectFixture } from "../stacks/fixture.ts";

/** What a verb did: its exit code, its lines, its document. */
export interface VerbRun {
  exitCode: number;
  text: string;
  document: Record<string, unknown>;
}

/** A project of tiny release sets (`a1`, `b2`) and a ledger in a folder. */
export interface VerbWorld {
  project: ProjectFixture;
  ledger: LedgerStore;
  /** Folder of the ledger's pages. */
  folder: string;
  run(verb: Verb, given: Record<string, string>, options?: VerbContext["options"]): Promise<VerbRun>;
  remove(): void;
}

export const stack = "infomart-dev";

export function openVerbWorld(): VerbWorld {
  const project = createProject();
  const parent = mkdtempSync(join(tmpdir(), "cutover-verb-"));
  const folder = join(parent, "ledger");
  const ledger = openFileLedger({ stack, folder });
  return {
    ...{ project, ledger, folder },
    async run(verb, given, options = {}) {
      const lines: string[] = [];
      let document: unknown;
      const context: VerbContext = {
        root: project.root,
        arguments: { stack, ...given },
        options,
        output: {
          json: false,
          interactive: false,
          line: (text = "") => void lines.push(text),
          note: (text) => void lines.push(text),
          document: (value) => void (document = value),
          paint: (_style, text) => text,
        },
        yes: true,
        signal: new AbortController().signal,
        stopSoon: () => false,
        settings: (name) => loadStackSettings(project.root, name),
        kubernetes: () => Promise.reject(new Error("only in the sandbox")),
        ledger: () => Promise.resolve(ledger),
      };
      const exitCode = await verb.run(context);
      return { exitCode, text: lines.join("\n"), document: document as Record<string, unknown> };
    },
    remove() {
      project.remove();
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
