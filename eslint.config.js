import pulumi from "@pulumi/eslint-plugin";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/** Imports point one way (design.md 2): which folders a folder may import from, besides itself. */
const mayImport = {
  model: [],
  clients: ["model"],
  components: ["model"],
  steps: ["model", "clients"],
  stacks: ["model", "clients", "components"],
  automation: ["model", "clients", "components", "steps", "stacks"],
};
const folders = [...Object.keys(mayImport), "sandbox", "test", "bench"];

const directions = Object.entries(mayImport).map(([folder, allowed]) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: folders
          .filter((other) => other !== folder && !allowed.includes(other))
          .map((other) => ({
            regex: `^(\\.\\./)+${other}/`,
            message: `${folder} must not import ${other} (design.md 2)`,
          })),
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ["node_modules", "dist", ".cutover", "coverage", "sandbox/charts", "sandbox/plugins"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { "@pulumi": pulumi },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/require-await": "off",
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
      "max-lines": ["error", { max: 250 }],
      complexity: ["error", 16],
    },
  },
  ...directions,
  {
    files: ["test/**/*.ts"],
    // mocha's describe and it return nothing to wait for; assertions are awaited inside.
    rules: {
      "max-lines": ["error", { max: 400 }],
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: [] }],
    },
  },
);
