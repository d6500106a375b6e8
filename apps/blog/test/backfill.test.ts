import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { createClient } from "../api-suite/client.ts";
import { createDatabase, type ReleaseName, sql } from "./setup/database.ts";
import { migrator } from "./setup/migrator.ts";
import { programOf, startBlogProcess } from "./setup/process.ts";
import { startWriter } from "./setup/writer.ts";

const before = 20_000;
const perWriter = 1000;

it("v2 and v3 write through v3's backfill, v3 through its contract: nothing is lost, and the counts reconcile", async () => {
  const url = await createDatabase();
  const migrate = (release: string, ...flags: string[]) =>
    migrator(["up", "--migrations", join(inject("dist"), release, "migrations"), ...flags], url);
  const serve = (release: ReleaseName) => startBlogProcess(url, {}, programOf(release));

  expect(await migrate("v2", "--phase", "all")).toMatchObject({ code: 0 });
  await sql(url, "INSERT INTO posts (title, body) SELECT 'Old ' || n, 'b' FROM generate_series(1, $1) n", [
    before,
  ]);
  expect(await migrate("v3")).toMatchObject({ code: 0 });
  const [v2, v3] = [await serve("v2"), await serve("v3")];
  const chosen = (await createClient(v3.url).post("/api/categories", { name: "Chosen" })).json.id as string;

  // Each writer has posts of its own, spread over the table, so that it knows what they must be in the end.
  const ids = Array.from({ length: before }, (_, n) => String(n + 1));
  const writers = (["v2", "v2", "v3", "v3"] as const).map((version, n) =>
    startWriter({
      url: version === "v2" ? v2.url : v3.url,
      version,
      categoryId: chosen,
      own: ids.filter((_, index) => index % (before / perWriter) === n),
    }),
  );

  const backfill = await migrate("v3", "--phase", "contract", "--wait", "1s");
  expect(backfill, backfill.log).toMatchObject({ code: 22 });
  expect(backfill.log).toMatch("blog@1760000000002");
  const unfiled = "SELECT count(*)::int AS n FROM posts WHERE category_id IS NULL";
  // Only what v2 has written since.
  expect((await sql<{ n: number }>(url, unfiled))[0]?.n).toBeLessThan(before / 10);

  await Promise.all(writers.slice(0, 2).map((writer) => writer.stop()));
  expect(await v2.stop()).toBe(0);
  const contract = await migrate("v3", "--phase", "contract", "--wait", "30s");
  expect(contract, contract.log).toMatchObject({ code: 0 });
  await Promise.all(writers.map((writer) => writer.stop()));
  expect(await v3.stop()).toBe(0);

  expect(writers.flatMap(({ faults }) => faults)).toEqual([]);
  const rows = await sql<{ id: string; title: string; category_id: string; updated_at: Date }>(
    url,
    "SELECT id, title, category_id, updated_at FROM posts",
  );
  const [general] = await sql<{ id: string }>(url, "SELECT id FROM categories WHERE slug = 'general'");
  const sum = (count: (writer: (typeof writers)[0]) => number) =>
    writers.reduce((total, writer) => total + count(writer), 0);
  expect(rows).toHaveLength(before + sum(({ created }) => created) - sum(({ deleted }) => deleted));
  expect(sum(({ ledger }) => ledger.size)).toBeGreaterThan(200);

  const stored = new Map(rows.map((row) => [row.id, row]));
  for (const { ledger } of writers) {
    for (const [id, { title, updatedAt, categoryId }] of ledger) {
      const row = stored.get(id);
      // The backfill neither undid a write nor passed for an edit.
      expect({ id, ...row, updated_at: row?.updated_at.toISOString() }).toEqual({
        id,
        title,
        category_id: categoryId ?? general?.id,
        updated_at: updatedAt,
      });
    }
  }
  const constraints = await sql<{ name: string; valid: boolean }>(
    url,
    "SELECT conname AS name, convalidated AS valid FROM pg_constraint WHERE conrelid = 'posts'::regclass AND contype IN ('f', 'c')",
  );
  expect(constraints).toEqual([{ name: "posts_category_fkey", valid: true }]);
}, 240_000);
