import assert from "node:assert/strict";
import { CutoverError, describeError } from "../../../model/error.ts";

/** Runs `act`, which must throw a CutoverError of that code; returns all its lines as one text. */
export async function errorText(code: string, act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    assert.ok(error instanceof CutoverError, `not a CutoverError: ${String(error)}`);
    assert.equal(error.details.code, code, error.message);
    assert.ok(error.details.next !== undefined, "every error names the next thing to do");
    return describeError(error).join("\n");
  }
  assert.fail(`no error where ${code} was due`);
}
