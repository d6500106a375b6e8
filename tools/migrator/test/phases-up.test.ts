import { describe, expect, test } from "vitest";
import { start } from "./support/cli.ts";
import { saySharedSchema, until } from "./support/database.ts";
import { migrationsFolder, type Source } from "./support/folder.ts";
import {
  addKind,
  addTags,
  fillKind,
  level2,
  level3,
  level4,
  requireKind,
  requireTags,
  v2,
  v3,
  v4,
} from "./support/releases.ts";
import { createService, type Service } from "./support/service.ts";

async function begin(service: Service, release: Source[], ...args: string[]) {
  const dir = await migrationsFolder(...release);
  return start(["up", "--reader", service.reader, ...args], { url: service.url, dir });
}

const up = async (service: Service, release: Source[], ...args: string[]) =>
  (await begin(service, release, ...args)).finished;

const names = (release: Source[]) => release.map(({ name }) => name);

describe("a fresh database", () => {
  test("gets everything of every phase, and the highest floor", async () => {
    const service = await createService();
    expect((await up(service, v4)).code).toBe(0);
    expect(await service.applied()).toEqual(names(v4));
    expect(await service.floor()).toEqual({
      floor: String(level4),
      contract: requireTags.name,
      state: "final",
    });
  });

  test("with older processes on it keeps its last contract pending, and refuses what would need it first", async () => {
    const service = await createService();
    await service.alive(level2);
    const refused = await up(service, v4);
    expect(refused.code).toBe(22);
    expect(await service.query("SELECT to_regclass('posts') AS posts")).toEqual([{ posts: null }]);
    const run = await up(service, v3);
    expect(run.code).toBe(0);
    expect(run.summary.message).toContain(`left pending: ${requireKind.name} (contract)`);
    expect(await service.applied()).toEqual(names([...v2, addKind, fillKind]));
  });

  test("is one without tables: where something is, a record that was said to be empty does not let contracts run", async () => {
    const posts = { ...v2[0], up: "CREATE TABLE IF NOT EXISTS posts (id int)" } as Source;
    for (const kind of ["TABLE", "MATERIALIZED VIEW"]) {
      const service = await createService();
      await service.query(`CREATE ${kind} older AS SELECT 1 AS id`);
      await saySharedSchema(service);
      const run = await up(service, [posts, addKind, fillKind, requireKind]);
      expect(run.code).toBe(0);
      expect(await service.applied()).toEqual([posts.name, addKind.name]);
      expect(await service.floor()).toBeUndefined();
    }
  });

  test("is not for a contract run to fill: it waits for the expand run", async () => {
    const service = await createService();
    const contract = await begin(service, v3, "--phase", "contract");
    await new Promise((done) => setTimeout(done, 800));
    expect((await up(service, v3)).code).toBe(0);
    expect((await contract.finished).code).toBe(0);
    expect(await service.applied()).toEqual(names(v3));
  });
});

describe("--phase", () => {
  test("expand leaves later backfills and contracts pending, whoever is alive", async () => {
    const service = await createService(v2);
    const run = await up(service, v3, "--json");
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      applied: [{ name: addKind.name }],
      pending: [
        { name: fillKind.name, phase: "backfill" },
        { name: requireKind.name, phase: "contract" },
      ],
    });
  });

  test("contract waits until the expand step before it is applied by somebody else, at most --wait", async () => {
    const service = await createService(v2);
    const late = await up(service, v3, "--phase", "contract", "--wait", "1s");
    expect(late.code).toBe(22);
    expect(late.summary.message).toContain(`${addKind.name} (expand)`);
    expect(await service.applied()).toEqual(names(v2));
    const contract = await begin(service, v3, "--phase", "contract");
    expect((await up(service, v3)).code).toBe(0);
    expect((await contract.finished).code).toBe(0);
    expect(await service.applied()).toEqual(names(v3));
  });

  test("contract leaves an expand step after its last one alone", async () => {
    const service = await createService([...v2, addKind]);
    const run = await up(service, [...v3, addTags], "--phase", "contract");
    expect(run.code).toBe(0);
    expect(run.summary.message).toContain(`left pending: ${addTags.name} (expand)`);
  });

  test("all goes through every phase and waits where contract would", async () => {
    const service = await createService(v2);
    const old = await service.alive(level2);
    const all = await begin(service, v4, "--phase", "all");
    await until("the gate", async () => all.stderr().includes(`the gate of ${requireKind.name} is closed`));
    expect(await service.applied()).toEqual(names([...v2, addKind, fillKind]));
    await old.end();
    expect((await all.finished).code).toBe(0);
    expect(await service.applied()).toEqual(names(v4));
  });

  test("several contract and expand runs at once apply everything once", async () => {
    const service = await createService(v2);
    const old = await service.alive(level2);
    const phases = ["contract", "expand", "contract", "expand", "all", "contract"];
    const runs = await Promise.all(phases.map((phase) => begin(service, v3, "--phase", phase, "--json")));
    await until("the expand step", async () => (await service.applied()).includes(addKind.name));
    await old.end();
    const ended = await Promise.all(runs.map(({ finished }) => finished));
    expect(ended.map(({ code }) => code)).toEqual(phases.map(() => 0));
    expect(await service.applied()).toEqual(names(v3));
  });
});

describe("the next release while a contract is pending (fault 40)", () => {
  test("v3 → v4: it is applied first when its gate is open", async () => {
    const service = await createService([...v2, addKind]);
    await service.alive(level3);
    const run = await up(service, v4);
    expect(run.code).toBe(0);
    expect(await service.applied()).toEqual(names([...v3, addTags]));
    expect(await service.floor()).toMatchObject({ contract: requireKind.name, state: "final" });
  });

  test("v3 → v4: while v2 is still alive beside v3, 22 at once, and nothing is touched", async () => {
    const service = await createService([...v2, addKind]);
    await service.alive(level3);
    await service.alive(level2);
    const started = performance.now();
    const run = await up(service, v4);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(run.code).toBe(22);
    expect(run.summary.message).toContain(
      `${addTags.name} comes after the contract step ${requireKind.name}`,
    );
    expect(run.summary.message).toContain(`blog@${level2}`);
    expect(run.summary.message).not.toContain(`blog@${level3}`);
    expect(run.summary.next).toContain("Wait until the release of level");
    expect(await service.applied()).toEqual(names([...v2, addKind]));
  });

  test("v2 → v4: refused with 22, naming the release to deploy first; not even v3's expand step is applied", async () => {
    const service = await createService(v2);
    await service.alive(level2);
    const run = await up(service, v4, "--json");
    expect(run.code).toBe(22);
    expect(run.summary.next).toContain(`Deploy the release of level ${level3}`);
    expect(run.summary.next).toContain(requireKind.name);
    expect(JSON.parse(run.stdout).error.alive).toMatchObject([{ level: level2 }]);
    expect(await service.applied()).toEqual(names(v2));
  });

  test("v2 → v4: pods of v4 that wait in their gates do not pass for the release to deploy first", async () => {
    const service = await createService(v2);
    await service.alive(level2);
    await service.alive(level4);
    const run = await up(service, v4);
    expect(run.code).toBe(22);
    expect(run.summary.message).not.toContain(`@${level4}`);
    expect(run.summary.next).toMatch(/^A release was skipped\. Deploy the release of level \d+ .* first;/);
    expect(run.summary.next).toContain(`of level ${level3} (its last migration is ${requireKind.name})`);
    // However many are alive, it is the end of the log that says so.
    expect(run.stderr).toMatch(/ first; once nothing older is alive, deploy this one\."\}\n$/);
  });

  test("v2 → v4 with nothing alive: all that comes first is applied first", async () => {
    const service = await createService(v2);
    expect((await up(service, v4)).code).toBe(0);
    expect(await service.applied()).toEqual(names([...v3, addTags]));
  });
});
