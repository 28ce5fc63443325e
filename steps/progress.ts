import type { StepRequest } from "../model/step.ts";

/** Writes progress lines such as `gim-t100 verify: waiting for ...` to stderr. */
export function progressWriter(request: StepRequest, write = writeError): (text: string) => void {
  const prefix = `${request.service ?? request.platform} ${request.step}: `;
  return (text) => {
    for (const line of text.split("\n")) write(`${prefix}${line}\n`);
  };
}

function writeError(text: string): void {
  process.stderr.write(text);
}
