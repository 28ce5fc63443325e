import { CutoverError } from "../model/error.ts";
import { stepRequestSchema, type StepRequest } from "../model/step.ts";

/** Reads the whole of stdin as a StepRequest. Throws CUT-5024 when it is not one; its content is not shown. */
export async function readRequest(input: AsyncIterable<Buffer | string>): Promise<StepRequest> {
  let text = "";
  for await (const chunk of input) text += chunk.toString();
  try {
    return stepRequestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CutoverError(
      {
        code: "CUT-5024",
        verdict: "errored",
        happened: "stdin is not a step request",
        evidence: [`${text.length} characters read`],
        next: "Steps are started by pulumi up, not by hand.",
      },
      { cause },
    );
  }
}
