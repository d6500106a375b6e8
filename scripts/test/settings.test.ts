import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { usage } from "../lib/failure.ts";
import { formatted } from "../lib/formatted.ts";
import { root } from "../lib/paths.ts";
import { nearest } from "../lib/settings/nearest.ts";
import { pageOfSettings, settingsPage } from "../lib/settings/page.ts";
import { valuesOf } from "../lib/settings/read.ts";
import { requireSettings } from "../lib/settings/refuse.ts";
import { type SettingName, settingNames, takes, targets } from "../lib/settings/table.ts";

const refusal = (target: string, env: NodeJS.ProcessEnv, ...checks: (() => unknown)[]) =>
  requireSettings(target, env, checks).then(
    () => undefined,
    (error) => ({ lines: error.message.split("\n"), code: error.code }),
  );
/** As make hands them on. */
const given = (settings: Record<string, string>) => ({
  ...settings,
  SETTINGS_GIVEN: Object.keys(settings).join(" "),
});

test("everything that is wrong is said at once: a name that is none, one the target does not take, values that are none", async () => {
  const env = { ...given({ TOO: "v3", RATE: "abc", MINUTES: "5", FROM: "v99" }), NODES: "many" };
  const said = await refusal("demo", env, () => {
    throw usage("NODES=many: a whole number from 1 to 9.\nPORT=8081 must differ from the tests' ports.");
  });
  expect(said?.code).toBe(2);
  expect(said?.lines).toEqual([
    "There is no setting TOO. Did you mean TO?",
    "demo takes no MINUTES: that is for soak.",
    expect.stringMatching(/^There is no release "v99"\. There are: .*v1, v2, v3, .*\.$/),
    "RATE=abc: requests per second, a whole number from 40 to 5000.",
    "NODES=many: a whole number from 1 to 9.",
    "PORT=8081 must differ from the tests' ports.",
    expect.stringMatching(
      /^Settings of demo: FROM, TO, RATE, CLUSTER, .*VERBOSE\. All of them: docs\/settings\.md$/,
    ),
  ]);
});

test("other people's variables are left alone, and so are make's own and settings that are not for this", async () => {
  expect(
    await refusal("demo", { TOO: "v3", MINUTES: "soon", HOME: "/root", FROM: "", RATE: "" }),
  ).toBeUndefined();
  expect(await refusal("down", given({ MAKEFLAGS: "-j2", SHELL: "/bin/bash", NODES: "3" }))).toBeUndefined();
  // Each of two targets takes what is its own.
  expect(await refusal("up", { ...given({ RELEASE: "v2" }), SETTINGS_GOALS: "up deploy" })).toBeUndefined();
});

test.each<[SettingName, string[], string[]]>([
  ["RATE", ["40", "5000"], ["39", "5001", "1e2", "0x64", " 100", "100.5", "-40", "abc"]],
  ["MINUTES", ["0.5", "1440"], ["0", "1441", "-1", "Infinity", "NaN", "an hour"]],
  ["CLUSTER", ["a", "i-17"], ["-a", "A", "a b", "a".repeat(41), "../a"]],
  ["URL", ["http://node:30080"], ["node:30080", "ftp://node", "blog"]],
  ["VERBOSE", ["1", "0", "true", "no"], ["2", "loud"]],
  ["SIZES", ["10k,1M", "7"], ["10K", "10k,,1M", "all"]],
  ["NAMESPACE", ["blog"], ["Blog", "a.b", "-"]],
  ["TO", ["v1", "broken-rename"], ["V1", "v", "v1 "]],
])("%s", (name, good, bad) => {
  for (const text of good) expect(() => valuesOf({ [name]: text }, [name]), text).not.toThrow();
  for (const text of bad) expect(() => valuesOf({ [name]: text }, [name]), text).toThrow();
});

test("the name that was meant", () => {
  const meant = (name: string) => nearest(name, settingNames);
  expect(["TOO", "to", "NODE", "RELAESE", "KUBECONTEXT", "E2EPORT", "QWERTYUIOP"].map(meant)).toEqual([
    ...["TO", "TO", "NODES", "RELEASE", "KUBE_CONTEXT", "E2E_PORT", undefined],
  ]);
});

const makefile = readFileSync(join(root, "Makefile"), "utf8");

test("the Makefile has these settings and targets, and no others", () => {
  const names = /^SETTINGS := ((?:.*\\\n)*.*)$/m.exec(makefile)?.[1]?.split(/[\s\\]+/);
  expect(names).toEqual(settingNames);
  const inMakefile = [...makefile.matchAll(/^([a-z0-9-]+):.*## /gm)].map(([, name]) => name);
  expect(inMakefile.filter((name) => name !== "help").sort()).toEqual([...targets].sort());
});

test("the committed page of the settings is that of the table (node scripts/settings.ts writes it)", async () => {
  expect(readFileSync(join(root, settingsPage), "utf8")).toBe(
    await formatted(settingsPage, pageOfSettings()),
  );
});

test("what documents and the help show with a target, the target takes", () => {
  const documents = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(join(root, "docs"), { recursive: true })
      .filter((file) => String(file).endsWith(".md"))
      .map((file) => `docs/${file}`),
  ];
  const shown = documents.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(/make ([a-z0-9-]+)((?: \[?[A-Z0-9_]+=\S*)+)/g)].map(
      ([, target = "", settings = ""]) => ({ file, target, names: namesIn(settings) }),
    ),
  );
  for (const line of makefile.matchAll(/^([a-z0-9-]+):.*## (.*)$/gm))
    shown.push({ file: "Makefile", target: line[1] ?? "", names: namesIn(line[2] ?? "") });
  expect(shown.filter(({ names }) => names.length > 0).length).toBeGreaterThan(10);
  const wrong = shown.flatMap(({ names, ...where }) =>
    names.filter((name) => !takes(where.target, name as SettingName)).map((name) => ({ ...where, name })),
  );
  expect(wrong).toEqual([]);
  const help = namesIn(/Settings: .*\n.*docs/.exec(makefile)?.[0] ?? "");
  expect(help.length).toBeGreaterThan(5);
  expect(help.filter((name) => !settingNames.includes(name as SettingName))).toEqual([]);
});
const namesIn = (text: string) => [...text.matchAll(/\b([A-Z][A-Z0-9_]*)=/g)].map(([, name = ""]) => name);

async function make(...args: string[]) {
  // A make above, as in make test, has passed its own on.
  const { MAKEFLAGS: _, MAKELEVEL: __, ...env } = process.env;
  const child = spawn("make", args, { cwd: root, env });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const [code] = await once(child, "close");
  return { said, code };
}

test("through make itself: refused before anything is done, whatever else make was given", async () => {
  const demo = await make("-j2", "demo", "TOO=v3 'x' $$y", "RATE=abc", "PORT=", "SHELL=/bin/sh");
  expect(demo.said).toContain("There is no setting TOO. Did you mean TO?\nRATE=abc: requests per second");
  expect(demo.said).not.toMatch(/PORT=|SHELL\b.*no setting/);
  expect(demo.code).toBe(2);
  expect(await make("help", "TOO=v3")).toMatchObject({
    said: expect.stringContaining("no setting TOO."),
    code: 2,
  });
  expect(await make("help", "TO=v3", "SHELL=/bin/sh")).toMatchObject({ said: "", code: 0 });
});

test("an argument is refused where there is none, and compat's own by its parser", async () => {
  const run = async (script: string, ...args: string[]) => {
    const child = spawn(process.execPath, [`scripts/${script}.ts`, ...args], { cwd: root });
    let said = "";
    child.stderr.on("data", (text) => {
      said += text;
    });
    const [code] = await once(child, "close");
    return { said, code };
  };
  expect(await run("dev", "--port", "4000")).toMatchObject({
    said: expect.stringContaining("dev takes no argument, and was given --port 4000."),
    code: 2,
  });
  expect(await run("compat", "--too", "v3")).toMatchObject({
    said: expect.stringMatching(/Unknown option '--too'.*\nThere are: --from v1, --to v2/),
    code: 2,
  });
});
