import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadYaml } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { root } from "../../lib/paths.ts";

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  $ref?: string;
}

const read = (file: string) => readFile(join(root, "charts", file), "utf8");
const schemaOf = async (chart: string): Promise<Schema & { definitions: Record<string, Schema> }> =>
  JSON.parse(await read(`${chart}/values.schema.json`));
const blog = await schemaOf("blog");
const library = await schemaOf("migration-gate");
const defaults = library.properties?.exports?.properties?.defaults?.properties ?? {};

test("the blog's schema says of the library's values what the library says", () => {
  expect(Object.keys(defaults).length).toBeGreaterThan(8);
  const lacking = Object.entries(defaults).flatMap(([name, schema]) =>
    differences(schema, blog.properties?.[name], name),
  );
  expect(lacking).toEqual([]);
  expect(blog.definitions).toEqual(library.definitions);
});

/** Where the second does not say what the first says. What it says beyond that, of values of its own, is its affair. */
function differences(one: Schema, other: Schema | undefined, path: string): string[] {
  if (other === undefined) return [path];
  const { properties: mine, description: _1, ...rest } = one;
  const { properties: theirs, description: _2, ...otherRest } = other;
  if (JSON.stringify(rest) !== JSON.stringify(otherRest)) return [path];
  return Object.entries(mine ?? {}).flatMap(([name, schema]) =>
    differences(schema, theirs?.[name], `${path}.${name}`),
  );
}

const charts = [
  { chart: "blog", values: await read("blog/values.yaml"), schema: blog },
  { chart: "postgres", values: await read("postgres/values.yaml"), schema: await schemaOf("postgres") },
  { chart: "migration-gate", values: await read("migration-gate/values.yaml"), schema: library },
];

describe.each(charts)("the values of $chart", ({ chart, values, schema }) => {
  test("are all in its schema", () => {
    expect(unknown(loadYaml(values), schema, "")).toEqual([]);
  });

  test("have a description in the schema, each of them", () => {
    expect(undescribed(schema, "")).toEqual([]);
  });

  test("are documented where they stand: each group of them begins with a comment, or its parent does", () => {
    const lines = values.split("\n");
    const bare = lines.filter((line, index) => {
      const indent = line.search(/\S/);
      if (!/^\s*[A-Za-z]+:/.test(line) || indent > (chart === "migration-gate" ? 4 : 0)) return false;
      if (chart === "migration-gate" && indent < 4) return false;
      // A comment above it, or inside it for a mapping.
      const above = lines[index - 1]?.trim().startsWith("#");
      const inside = /:\s*$/.test(line) && lines[index + 1]?.trim().startsWith("#");
      return !above && !inside;
    });
    expect(bare).toEqual([]);
  });

  function unknown(value: unknown, at: Schema | undefined, path: string): string[] {
    const here = at?.$ref ? (schema as typeof blog).definitions[at.$ref.split("/").at(-1) ?? ""] : at;
    if (here === undefined) return [path];
    if (value === null || typeof value !== "object" || Array.isArray(value) || !here.properties) return [];
    return Object.entries(value).flatMap(([name, inner]) =>
      unknown(inner, here.properties?.[name], `${path}.${name}`),
    );
  }
});

function undescribed(schema: Schema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => [
    ...(inner.description || inner.$ref ? [] : [`${path}.${name}`]),
    ...undescribed(inner, `${path}.${name}`),
  ]);
}
