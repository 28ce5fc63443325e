import * as z from "zod";
import { stackSettingsSchema } from "../model/stack-settings.ts";
import { secretSettings } from "./config.ts";

/** First line of every stack file: editors then complete and check it. */
export const schemaLine = "# yaml-language-server: $schema=./schemas/stack.schema.json";
/** Where the schema is committed, relative to the project folder. */
export const schemaFile = "stacks/schemas/stack.schema.json";

/** JSON schema of a whole stack file (`Pulumi.<stack>.yaml`), for editors. */
export function stackFileSchema(): string {
  const { properties = {}, required = [] } = z.toJSONSchema(stackSettingsSchema, { io: "input" });
  const secret = {
    type: "object",
    properties: { secure: { type: "string" } },
    required: ["secure"],
    additionalProperties: false,
  };
  const settings = Object.entries(properties).map(([name, schema]) => {
    const isSecret = (secretSettings as readonly string[]).includes(name);
    const description = typeof schema === "object" ? schema.description : undefined;
    return [`cutover:${name}`, isSecret ? { description, ...secret } : schema] as const;
  });
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A stack of cutover: stacks/Pulumi.<stack>.yaml",
    type: "object",
    properties: {
      config: {
        type: "object",
        properties: Object.fromEntries(settings),
        patternProperties: { "^(pulumi|kubernetes|command):": {} },
        required: required.map((name) => `cutover:${name}`),
        additionalProperties: false,
      },
      encryptionsalt: { type: "string" },
      encryptedkey: { type: "string" },
      secretsprovider: { type: "string" },
      environment: { type: ["object", "array"] },
    },
    required: ["config"],
    additionalProperties: false,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
