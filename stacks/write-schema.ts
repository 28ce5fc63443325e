// Writes the committed JSON schema of stack files; a unit test fails when it is out of date.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { schemaFile, stackFileSchema } from "./stack-schema.ts";

writeFileSync(path.join(import.meta.dirname, "..", schemaFile), stackFileSchema());
