import type { Phase } from "../migrations/types.ts";

/** One migration as text, apart from its timestamp and language. */
export interface Skeleton {
  /** Class name without its timestamp. */
  name: string;
  phase: Phase;
  transaction: boolean;
  /** Comment of the class: what it does and why that is safe. */
  why: string[];
  /** What it takes from `@schema-rollout/migrator/online`. */
  imports: string[];
  /** Lines of code. */
  up: string[];
  down: string[];
}

export type Language = "ts" | "js";

export function render(skeleton: Skeleton, timestamp: number, language: Language): string {
  const ts = language === "ts";
  const { name, phase, transaction, why, imports } = skeleton;
  const properties = [
    ...(phase === "expand" ? [] : [`  phase = "${phase}"${ts ? " as const" : ""};`]),
    ...(transaction ? [] : ["  transaction = false;"]),
  ];
  return [
    ...(imports.length > 0
      ? [`import { ${imports.join(", ")} } from "@schema-rollout/migrator/online";`]
      : []),
    ...(ts ? ['import type { MigrationInterface, QueryRunner } from "typeorm";'] : []),
    ...(ts || imports.length > 0 ? [""] : []),
    "/**",
    // A name may hold anything, also the end of a comment.
    ...why.map((line) => ` * ${line.replaceAll("*/", "* /")}`),
    " */",
    `export class ${name}${timestamp}${ts ? " implements MigrationInterface" : ""} {`,
    ...properties,
    ...(properties.length > 0 ? [""] : []),
    ...method("up", skeleton.up, ts),
    "",
    ...method("down", skeleton.down, ts),
    "}",
    "",
  ].join("\n");
}

function method(name: string, lines: string[], ts: boolean): string[] {
  const uses = lines.some((line) => line.includes("runner"));
  const parameter = uses ? (ts ? "runner: QueryRunner" : "runner") : "";
  return [
    `  async ${name}(${parameter})${ts ? ": Promise<void>" : ""} {`,
    ...lines.map((line) => `    ${line}`),
    "  }",
  ];
}

/** A string of the source, with the quotes that need the fewest marks inside. */
export function code(text: string): string {
  if (!/["\\\n]/.test(text)) return `"${text}"`;
  return `\`${text.replace(/[`\\]|\$\{/g, (mark) => `\\${mark}`)}\``;
}

/** What `batched` gets, on lines of its own. */
export const call = (helper: string, options: Record<string, string>): string[] => [
  `await ${helper}(runner, {`,
  ...Object.entries(options).map(([key, value]) => `  ${key}: ${code(value)},`),
  "});",
];
