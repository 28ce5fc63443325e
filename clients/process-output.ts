import { StringDecoder } from "node:string_decoder";

const longestLine = 64 * 1024;

/** Collects one output stream: keeps its last bytes and hands out whole lines as they come. */
export interface OutputCollector {
  add(chunk: Buffer): void;
  /** The stream ended: hands out an unfinished last line. */
  end(): void;
  text(): string;
  /** True when earlier output was dropped. */
  truncated(): boolean;
}

/** `limit` in bytes. Lines longer than 64 KiB are handed out in pieces. */
export function collectOutput(limit: number, onLine?: (line: string) => void): OutputCollector {
  const decoder = new StringDecoder("utf8");
  let chunks: Buffer[] = [];
  let size = 0;
  let dropped = false;
  let rest = "";
  const shrink = () => {
    const all = Buffer.concat(chunks);
    dropped ||= all.length > limit;
    chunks = [all.subarray(Math.max(0, all.length - limit))];
    size = chunks[0]?.length ?? 0;
  };
  const lines = (text: string) => {
    if (onLine === undefined) return;
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > longestLine) parts.push(rest.slice(0, longestLine));
    if (rest.length > longestLine) rest = rest.slice(longestLine);
    for (const line of parts) onLine(line.replace(/\r$/, ""));
  };
  return {
    add(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      // Twice the limit, so that the copying stays linear.
      if (size > 2 * limit) shrink();
      lines(decoder.write(chunk));
    },
    end() {
      lines(decoder.end());
      if (rest !== "") onLine?.(rest);
      rest = "";
    },
    text() {
      shrink();
      return Buffer.concat(chunks).toString("utf8");
    },
    truncated: () => dropped,
  };
}
