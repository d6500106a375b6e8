import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, expect, test } from "vitest";
import { forgetKept, keptEvidence, whereToLook } from "../lib/tests/kept.ts";

afterAll(forgetKept);

test("a run that failed says where to look, each folder once, and the next run forgets it", async () => {
  await forgetKept();
  expect(await whereToLook()).toBeUndefined();
  await mkdir(dirname(keptEvidence), { recursive: true });
  await writeFile(
    keptEvidence,
    "artifacts/e2e/a/failure\nartifacts/e2e/b/failure\nartifacts/e2e/a/failure\n",
  );
  expect(await whereToLook()).toMatch(/: artifacts\/e2e\/a\/failure, artifacts\/e2e\/b\/failure$/);
  await forgetKept();
  expect(await whereToLook()).toBeUndefined();
});
