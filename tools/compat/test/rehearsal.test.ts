import { expect, it } from "vitest";
import { compat, play, service, slowSuite } from "./support.ts";

it("is green, step by step, when old code does not notice the migration", async () => {
  const { code, stdout, stderr } = await compat(["--from", "one", "--to", "adds", "--config", service]);
  expect(stderr).toBe("");
  expect(
    stdout
      .replace(/ +\d+\.\d s$/gm, "")
      .trim()
      .split("\n"),
  ).toEqual([
    "The rollout one → adds, played on a scratch PostgreSQL:",
    "✓ adds's migrations run",
    "✓ one answers while they run",
    "✓ one goes on after them",
    "✓ one started anew on the new schema",
    "✓ adds serves beside one",
    "✓ one's migrator accepts the newer schema",
    "✓ one after a rollback, on what adds wrote",
    "✓ adds's contract run, with one alive",
    "✓ one and adds go on after it",
    "GREEN one → adds: one goes on working once adds's migrations have run, and after a rollback.",
  ]);
  expect(code).toBe(0);
});

it("is red when old code breaks, and says what it logged", async () => {
  const { code, stdout } = await compat(["--from", "one", "--to", "renames", "--config", service]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/✗ one goes on after them/);
  expect(stdout).toMatch("POST answered 500, GET 500");
  expect(stdout).toMatch(/one logged: column "text"( of relation "notes")? does not exist/);
  expect(stdout.trim().split("\n").at(-1)).toMatch(
    /^RED one → renames: do not deploy it\. \d of 7 checks failed/,
  );
});

it("is red when the migration fails; the new code is not tried then", async () => {
  const { code, checks, red } = await play("one", "fails");
  expect(code).toBe(1);
  expect(red).toEqual(["fails's migrations run"]);
  expect(checks[0]?.why).toMatch('relation "nowhere" does not exist (exit code 20)');
  expect(checks).toHaveLength(4);
});

it("sees a lock that is held while a suite starts", async () => {
  const { checks, red } = await play("one", "locks", slowSuite);
  expect(red).toEqual(["one answers while they run"]);
  const [fault] = checks.filter(({ outcome }) => outcome === "red");
  expect(fault?.detail).toMatch("canceling statement due to statement timeout");
});

it("is red when the new code does not start", async () => {
  const picky = await play("one", "picky");
  expect(picky.red).toEqual(["picky serves beside one"]);
  expect(picky.checks.find(({ outcome }) => outcome === "red")?.why).toMatch(
    "picky does not start: it ended",
  );
});

it("is red when the old code cannot read what the new one wrote", async () => {
  const long = await play("one", "writesLong");
  expect(long.red).toContain("one after a rollback, on what writesLong wrote");
  expect(long.red).not.toContain("one started anew on the new schema");
});
