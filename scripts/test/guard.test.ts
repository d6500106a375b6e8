import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";

/** A process that starts another and guards it; what it prints is the other's number. */
const program = (after: string) => `
  import { spawn } from "node:child_process";
  import { guard } from "${new URL("../lib/load/guard.ts", import.meta.url).href}";
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  child.unref();
  const guarded = guard([child.pid]);
  process.stdout.write(String(child.pid));
  ${after}
`;

async function started(after: string) {
  const process = spawn(
    globalThis.process.execPath,
    ["--input-type=module-typescript", "-e", program(after)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  const exited = once(process, "exit");
  const [printed] = await once(process.stdout, "data");
  const pid = Number(printed);
  onTestFinished(() => {
    process.kill("SIGKILL");
    if (runs(pid)) globalThis.process.kill(pid, "SIGKILL");
  });
  return { process, exited, pid };
}

test("a load ends with whoever started it, even if that one is killed", async () => {
  const { process, exited, pid } = await started("setInterval(() => {}, 1_000);");
  expect(runs(pid)).toBe(true);
  process.kill("SIGKILL");
  await exited;
  const deadline = Date.now() + 10_000;
  while (runs(pid) && Date.now() < deadline) await sleep(20);
  expect(runs(pid)).toBe(false);
});

test("a guard that was ended leaves them alone, and keeps nobody waiting", async () => {
  const { exited, pid } = await started("guarded.end();");
  expect(await exited).toEqual([0, null]);
  await sleep(300);
  expect(runs(pid)).toBe(true);
});

/** One that has ended may be listed until its new parent asks for it, and that is no running. */
function runs(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z]/.test(stdout.trim());
}
