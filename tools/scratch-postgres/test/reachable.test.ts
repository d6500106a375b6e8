import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { requireReachable } from "../src/reachable.ts";

let home: string;
afterEach(() => rm(home, { recursive: true }));

test("a checkout in a folder that only its owner may enter is said, with the way out", async () => {
  home = await mkdtemp(join(tmpdir(), "home-"));
  await mkdir(join(home, "checkout"));
  const program = join(home, "checkout/initdb");
  // As root's home is; mkdtemp makes it so.
  await expect(requireReachable(program)).rejects.toThrow(
    `may not enter ${home}. Put the checkout elsewhere`,
  );
  await chmod(home, 0o711);
  await expect(requireReachable(program)).resolves.toBeUndefined();
});
