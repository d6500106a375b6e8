import { describe, expect, test } from "vitest";
import { createDatabase } from "./support/database.ts";
import { inUse, lintFolder, sources } from "./support/lint-cases.ts";
import { green } from "./support/lint-green.ts";
import { red } from "./support/lint-red.ts";
import { type LintFinding, lint } from "./support/shadow.ts";

/** The file's runs: all red cases in one folder, each a release of its own, and all green ones. */
let redRun: ReturnType<typeof lint> | undefined;
const judgeRed = () => {
  redRun ??= (async () => lint(["--since", inUse.name], { dir: await lintFolder(inUse, ...sources(red)) }))();
  return redRun;
};

const of = (findings: LintFinding[], name: string) =>
  findings.filter(({ migration }) => migration.replace(/\d+$/, "") === name);

describe("refused, on real PostgreSQL and by the rule that is meant", () => {
  test.each(Object.entries(red))("%s", async (name, { rules, lock, lasts }) => {
    const { findings, code } = await judgeRed();
    expect(code).toBe(20);
    const own = of(findings, name);
    expect(own.map(({ rule }) => rule)).toEqual(rules);
    const [first] = own;
    if (lock !== undefined) expect(`${first?.lock?.mode} ${first?.lock?.relation}`).toBe(lock);
    if (lasts !== undefined) expect(first?.lasts).toMatch(lasts);
    expect(first?.message).not.toBe("");
    expect(first?.fix).not.toBe("");
  });
});

test("the safe ways, the helpers' among them, are found safe", async () => {
  const dir = await lintFolder(inUse, ...sources(green));
  const { findings, judged, code } = await lint(["--since", inUse.name], { dir });
  expect(findings.map(({ rule, migration, sql }) => [rule, migration, sql])).toEqual([]);
  expect(code).toBe(0);
  expect(judged).toHaveLength(Object.keys(green).length);
});

test("what a release creates itself is nobody's yet; without a start each migration is a release", async () => {
  const dir = await lintFolder(
    inUse,
    { name: "Tags1600000002000", up: "CREATE TABLE tags (id bigint PRIMARY KEY, name text)" },
    { name: "IndexTags1600000002001", up: "CREATE INDEX tags_name ON tags (name)" },
    // Once the release's code runs, the table is in use.
    { name: "NoTags1600000002002", phase: "contract", up: "CREATE INDEX tags_again ON tags (name, id)" },
  );
  const rules = async (...args: string[]) =>
    (await lint(args, { dir })).findings
      .filter(({ migration }) => migration !== inUse.name)
      .map(({ rule, migration }) => `${rule} ${migration}`);
  expect(await rules("--since", inUse.name)).toEqual(["create-index NoTags1600000002002"]);
  expect(await rules()).toEqual(["create-index IndexTags1600000002001", "create-index NoTags1600000002002"]);
  const base = await lintFolder(inUse);
  expect(await rules("--base", base)).toEqual(["create-index NoTags1600000002002"]);
});

test("it needs no other database, and a shadow of one that is there leaves no trace", async () => {
  const shadow = await createDatabase();
  const dir = await lintFolder(inUse, { name: "Empty1600000001000", up: [] });
  const { code } = await lint(["--since", inUse.name], { dir, env: { SHADOW_DATABASE_URL: shadow.url } });
  expect(code).toBe(0);
  expect(await shadow.query("SELECT relname FROM pg_class WHERE oid >= 16384")).toEqual([]);
  expect(await shadow.query("SELECT typname FROM pg_type WHERE oid >= 16384")).toEqual([]);
  expect(await shadow.query("SELECT proname FROM pg_proc WHERE oid >= 16384")).toEqual([]);
});
