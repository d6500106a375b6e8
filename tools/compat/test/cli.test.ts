import { expect, it } from "vitest";
import { compat, configuration, service, start } from "./support.ts";

const base = { migrate: ["node", "-v"], app: ["node", "-v"], suite: ["node", "-v"] };
const rollout = ["--from", "one", "--to", "adds"];

it.each([
  [[], /required option '--from <release>' not specified/],
  [["--from", "one"], /required option '--to <release>' not specified/],
  [[...rollout, "--colour"], /unknown option '--colour'/],
  [[...rollout, "--config", "/nowhere/compat.json"], /compat\.json is not there\. Name the configuration/],
])("%j is a sentence and exit code 2", async (args, sentence) => {
  const { code, stderr } = await compat(args);
  expect(code).toBe(2);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it("names every fault of a configuration at once", async () => {
  const config = await configuration({ migrate: [], app: "node app.js", ready: "health", sute: ["node"] });
  const { code, stderr } = await compat([...rollout, "--config", config]);
  expect(code).toBe(2);
  for (const name of ["migrate", "app", "suite", "ready", "sute"]) expect(stderr).toMatch(name);
  expect((await compat([...rollout, "--config", await configuration("{")])).stderr).toMatch("is not JSON");
});

it("says which program is not there", async () => {
  const config = await configuration({ ...base, migrate: ["no-such-program"] });
  const { code, stderr } = await compat([...rollout, "--config", config]);
  expect(stderr).toMatch(/^no-such-program cannot be started in .*\n$/);
  expect(code).toBe(2);
});

it("gives no answer where the old release does not hold by itself", async () => {
  const { code, stderr, stdout } = await compat(["--from", "broken", "--to", "adds", "--config", service]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^broken does not hold on its own schema, before anything was changed:\n/);
  expect(stderr).toMatch('broken logged: column "nothing" does not exist');
  expect(stdout).not.toMatch(/GREEN|RED/);
});

it.each([
  ["one", "nine"],
  ["nine", "one"],
])("gives no answer for a release that is not there: %s to %s", async (from, to) => {
  const { code, stdout, stderr } = await compat(["--from", from, "--to", to, "--config", service]);
  expect(stderr).toBe(
    "nine's migrations were not tried: there is no release nine (exit code 2). Is nine the name of a release, and is it built?\n",
  );
  expect(stdout).not.toMatch(/GREEN|RED|✗/);
  expect(code).toBe(3);
});

it("never shows a password, whatever the commands print", async () => {
  for (const to of ["fails", "picky"]) {
    const { stdout, stderr } = await compat(["--from", "one", "--to", to, "--config", service, "--verbose"]);
    expect(stdout + stderr).toMatch("compat_");
    expect(stdout + stderr).not.toMatch(/compat_\w+:(?!\*\*\*@)/);
  }
});

it("leads no command to a database of the user's", async () => {
  const env = { DATABASE_URL: "postgres://real@db.example/production", PGHOST: "db.example", PGUSER: "real" };
  expect(await compat([...rollout, "--config", service], env)).toMatchObject({ code: 0, stderr: "" });
});

it("ends all it has started when it is told to stop", async () => {
  const { child, finished } = start([...rollout, "--config", service, "--verbose"]);
  const app = await new Promise<number>((done) =>
    child.stderr.on("data", (text) => {
      const pid = /^pid (\d+)$/m.exec(String(text))?.[1];
      if (pid) done(Number(pid));
    }),
  );
  expect(process.kill(app, 0)).toBe(true);
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  expect(stderr).toMatch("Interrupted by SIGINT.");
  expect(code).toBe(130);
  expect(() => process.kill(app, 0)).toThrow("ESRCH");
});
