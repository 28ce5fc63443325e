import { open } from "node:fs/promises";

/** Reads what was added to a log since the last read and hands on whole lines. */
export function followLog(path: string, onLine: (line: string) => void): { read(): Promise<void> } {
  let offset = 0;
  let rest = "";
  return {
    async read() {
      const handle = await open(path, "r").catch(() => null);
      if (handle === null) return;
      try {
        const { size } = await handle.stat();
        if (size <= offset) return;
        const buffer = Buffer.alloc(size - offset);
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
        offset += bytesRead;
        const lines = (rest + buffer.toString("utf8", 0, bytesRead)).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) onLine(line);
      } finally {
        await handle.close();
      }
    },
  };
}
