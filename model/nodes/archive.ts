import type { NodeProcedure } from "../nodes.ts";
import { missingFrom } from "./file-list.ts";

/** What is known of an archive when its last byte has come. */
export interface ArchiveFacts {
  system: NodeProcedure["system"];
  /** Null: a signal ended the command. */
  exitCode: number | null;
  /** What `list` and `archive` complained about. */
  complaints: readonly string[];
  /** Before the archive was begun. */
  listed: readonly string[];
  /** Files in the archive as read back. */
  archived: readonly string[];
  /** The end mark was read. */
  complete: boolean;
}

/** `cut`: cannot be trusted at all; `whole` with files that are not in it, or not as they are on the node. */
export type ArchiveVerdict = { kind: "cut"; why: string } | { kind: "whole"; unreadable: string[] };

/** Judges an archive by the list of what must be in it, never by tar's exit code alone. */
export function judgeArchive(facts: ArchiveFacts): ArchiveVerdict {
  const { exitCode, complete, listed, archived, system } = facts;
  if (exitCode === null) return { kind: "cut", why: "the command was ended by a signal" };
  if (!complete) return { kind: "cut", why: `its end mark is missing (exit code ${exitCode})` };
  const named = facts.complaints.filter((line) => !summaryLine.test(line)).map((line) => subjectOf(line, listed));
  const unreadable = [...new Set([...missingFrom(listed, archived, system), ...named])];
  if (exitCode !== 0 && unreadable.length === 0) {
    return { kind: "cut", why: `the command ended with exit code ${exitCode} and did not say why` };
  }
  return { kind: "whole", unreadable };
}

// GNU tar's and bsdtar's last words.
const summaryLine = /Exiting with failure status due to previous errors|Error exit delayed from previous errors|^\s*$/;

/** The listed file that a complaint is about (the longest one that it names), else the complaint itself. */
export function subjectOf(complaint: string, listed: readonly string[]): string {
  const line = unescape(complaint).replaceAll("\\", "/");
  let subject = "";
  for (const file of listed) if (file.length > subject.length && names(line, file)) subject = file;
  return subject === "" ? complaint.trim() : subject;
}

/** True when the line holds the path after a slash and to its end: `./a` or `/srv/a`, not the `a` of a word. */
function names(line: string, file: string): boolean {
  const needle = `/${file}`;
  for (let at = line.indexOf(needle); at >= 0; at = line.indexOf(needle, at + 1)) {
    if (/^$|[:\s'",\u2019]/.test(line.charAt(at + needle.length))) return true;
  }
  return false;
}

/** GNU programs write bytes that the locale does not know as `\303\244`. */
function unescape(text: string): string {
  if (!/\\[0-3][0-7]{2}/.test(text)) return text;
  const latin = text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return Buffer.from(latin, "latin1").toString("utf8");
}

/** The id under `cutover:acknowledged` by which a person accepts that a node's unreadable files are not in the backup. */
export function unreadableId(node: string): string {
  return `node-${node}-unreadable`;
}
