import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { type Bout, migratorSteps, openArena, type Verdict } from "./race/arena.ts";
import { type Kind, kinds } from "./race/process.ts";
import { interceptPg } from "./race/sessions.ts";
import { atRandom, inOrder, mergings, shuffled } from "./race/turns.ts";
import { createDatabase, sql } from "./setup/database.ts";

/**
 * Fault 34: a contract step meets processes that are too old for it. The presence of the blog and the gate of the
 * migrator are the real ones, on a real PostgreSQL; only the moment at which each of their statements runs is chosen.
 */
const lanes = 6;
// Seconds where nothing else runs; a statement waits long for its turn on a machine that is busy.
vi.setConfig({ testTimeout: 240_000 });
let arenas: Awaited<ReturnType<typeof openArena>>[];
let restorePg: () => void;

beforeAll(async () => {
  // A login as fast as it can be: there are thousands.
  await sql(inject("adminUrl"), `SET scram_iterations = 1; CREATE ROLE race SUPERUSER LOGIN PASSWORD 'race'`);
  restorePg = interceptPg();
  const urls = await Promise.all(Array.from({ length: lanes }, () => createDatabase()));
  arenas = await Promise.all(
    urls.map((url) => openArena(Object.assign(new URL(url), { username: "race", password: "race" }).href)),
  );
});

afterAll(async () => {
  await Promise.all(arenas.map((arena) => arena.close()));
  restorePg();
});

interface Tally {
  bouts: number;
  /** Applied and nobody works on; not applied and somebody works on; neither. */
  contract: number;
  process: number;
  neither: number;
  both: number;
}

/** Holds all bouts, some at a time, each in a database of its own. */
async function hold(bouts: Iterable<Bout>): Promise<Tally> {
  const queue = bouts[Symbol.iterator]();
  const tally: Tally = { bouts: 0, contract: 0, process: 0, neither: 0, both: 0 };
  const count = ({ applied, working, both }: Verdict) => {
    tally.bouts++;
    if (both > 0) tally.both++;
    else if (applied) tally.contract++;
    else if (working > 0) tally.process++;
    else tally.neither++;
  };
  await Promise.all(
    arenas.map(async (arena) => {
      for (let next = queue.next(); !next.done; next = queue.next()) count(await arena.bout(next.value));
    }),
  );
  console.log(JSON.stringify(tally));
  return tally;
}

/** Every order in which the statements of one process and of the migrator can come. */
function* everyOrder(kind: Kind, gate: Bout["gate"] = "real"): Generator<Bout> {
  for (const order of mergings("P0", kinds[kind], "M", migratorSteps))
    yield { kinds: [kind], gate, turns: inOrder(order) };
}

it.each([
  ["starts", 165],
  ["stops", 495],
  ["returns", 495],
  ["pools", 165],
] as const)(
  "an older process that %s, in each of the %i orders of statements: never both",
  async (kind, orders) => {
    const tally = await hold(everyOrder(kind));
    expect(tally).toMatchObject({ bouts: orders, both: 0 });
    // Each of the two gets its way in some order, or nothing was tested.
    expect(tally.contract).toBeGreaterThan(0);
    expect(tally.process + tally.neither).toBeGreaterThan(0);
  },
);

const honest = ["starts", "stops", "returns", "pools"] as const;
const anyKind = () => honest[Math.floor(Math.random() * honest.length)] ?? "starts";

it("two older processes, in orders drawn at random: never both", async () => {
  function* drawn(): Generator<Bout> {
    for (let n = 0; n < 300; n++) {
      const pair = [anyKind(), anyKind()];
      const steps = pair.flatMap((kind, p) => Array.from({ length: kinds[kind] }, () => `P${p}`));
      const order = shuffled([...steps, ...Array.from({ length: migratorSteps }, () => "M")]);
      yield { kinds: pair, turns: inOrder(order) };
    }
  }
  expect(await hold(drawn())).toMatchObject({ bouts: 300, both: 0 });
});

it("all at once, with random pauses between their statements: never both", async () => {
  function* drawn(): Generator<Bout> {
    for (let n = 0; n < 500; n++) {
      yield { kinds: n % 3 === 0 ? [anyKind(), anyKind()] : [anyKind()], turns: atRandom };
    }
  }
  const tally = await hold(drawn());
  expect(tally).toMatchObject({ bouts: 500, both: 0 });
  expect(tally.contract).toBeGreaterThan(0);
  expect(tally.process).toBeGreaterThan(0);
});

it("would find both with a process that reads the floor before it opens its session", async () => {
  // It reads before the proposal (2 places for that) and opens after the last look (6).
  expect((await hold(everyOrder("floorFirst"))).both).toBe(12);
});

it("would find both with a migrator that looks for sessions before it proposes", async () => {
  // In the one order in which all of the process lies between the two.
  expect((await hold(everyOrder("starts", "lookFirst"))).both).toBe(1);
});
