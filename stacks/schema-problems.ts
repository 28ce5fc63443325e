import * as z from "zod";
import { didYouMean } from "../model/suggestion.ts";

/** One thing wrong with a file: where (a path of keys) and what, without any secret value. */
export interface Problem {
  path: readonly PropertyKey[];
  text: string;
  /** True for a key that is not there; a misspelt one nearby explains it, so it is named last. */
  missing?: boolean;
}

type Issue = z.core.$ZodIssue;

/**
 * Words a schema's complaint for a person: allowed keys and values, and what was probably meant. `prefix` stands before
 * every top-level key in the file (`cutover:`).
 */
export function describeIssue(issue: Issue, schema: z.ZodType, data: unknown, prefix = ""): Problem[] {
  const name = issue.path.length === 0 ? "the file" : prefix + issue.path.map(String).join(".");
  switch (issue.code) {
    case "unrecognized_keys": {
      const here = issue.path.length === 0 ? prefix : "";
      const allowed = allowedKeys(schema, issue.path).map((key) => here + key);
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        text: `unknown key ${here}${key}${didYouMean(here + key, allowed)}; allowed: ${allowed.join(", ")}`,
      }));
    }
    case "invalid_value": {
      const allowed = issue.values.map(String);
      const written = valueAt(data, issue.path);
      return [
        {
          path: issue.path,
          text: `${name} must be one of ${allowed.join(", ")}, not ${show(written)}${didYouMean(String(written), allowed)}`,
        },
      ];
    }
    case "invalid_type": {
      const written = valueAt(data, issue.path);
      const text =
        written === undefined
          ? `${name} is missing; it must be ${kindName(issue.expected)}`
          : `${name} must be ${kindName(issue.expected)}, not ${show(written)}${quoteHint(issue.expected, written)}`;
      return [{ path: issue.path, text, missing: written === undefined }];
    }
    default: {
      const written = valueAt(data, issue.path);
      const said = issue.code === "invalid_format" ? `must be ${issue.message}` : issue.message;
      return [{ path: issue.path, text: `${name}: ${said}, not ${show(written)}` }];
    }
  }
}

/** The keys that a schema allows at a path; empty where any key is allowed. */
export function allowedKeys(schema: z.ZodType, keyPath: readonly PropertyKey[]): string[] {
  let current: z.ZodType | undefined = unwrap(schema);
  for (const key of keyPath) {
    if (current instanceof z.ZodObject) current = unwrap(current.shape[String(key)] as z.ZodType | undefined);
    else if (current instanceof z.ZodArray) current = unwrap(current.element as z.ZodType);
    else if (current instanceof z.ZodRecord) current = unwrap(current.valueType as z.ZodType);
    else return [];
  }
  return current instanceof z.ZodObject ? Object.keys(current.shape) : [];
}

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}

function valueAt(data: unknown, keyPath: readonly PropertyKey[]): unknown {
  let current = data;
  for (const key of keyPath) {
    if (current === null || typeof current !== "object") return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

function kindName(expected: string): string {
  const names: Record<string, string> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a map of keys",
    record: "a map of keys",
  };
  return names[expected] ?? expected;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map of keys";
  return typeof value === "string" ? `"${value}"` : `the ${typeof value} ${JSON.stringify(value)}`;
}

function quoteHint(expected: string, written: unknown): string {
  if (expected !== "string" || (typeof written !== "number" && typeof written !== "boolean")) return "";
  return ` (YAML reads it as a ${typeof written}; put it in quotes if it is meant as written)`;
}
