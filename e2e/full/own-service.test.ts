import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { artifacts } from "@schema-rollout/scripts/lib/paths.ts";
import { recordFile } from "@schema-rollout/scripts/lib/report/write.ts";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type Subject, theGuestbook, theSubject } from "../scenario/own-images.ts";
import { type Installed, installService } from "../scenario/own-service.ts";

/**
 * Somebody's own service, known by four images, a chart and a file of routes (docs/your-own-service.md): the one that
 * FROM_IMAGE and the other settings name, without them the guestbook in ../fixtures.
 */
let subject: Subject;
const installed: Installed[] = [];
beforeAll(async () => {
  subject = await theSubject();
});
afterEach(() => installed.pop()?.remove());

async function install(scenario: string, of = subject): Promise<Installed> {
  const service = await installService(scenario, of, of.from);
  installed.push(service);
  return service;
}

const nothingLost = {
  verdict: "passed",
  failed: 0,
  droppedIterations: 0,
  lostWrites: 0,
  duplicatedWrites: 0,
  alteredWrites: 0,
};

test("upgrade under load: no request fails, no write is lost, both releases served", async () => {
  const service = await install("upgrade");
  const { from, to, reasons, ...summary } = await service.underLoad(() => service.deploy(subject.to));

  expect(reasons).toEqual([]);
  expect(summary).toMatchObject(nothingLost);
  expect(to, "both images answer with the same version").not.toBe(from);
  expect(Object.keys(summary.servedBy).sort()).toEqual([from, to].sort());
});

test("helm rollback under load: the older release serves on the newer schema", async () => {
  const service = await install("rollback");
  // After a contract there is no way back, which is another story.
  await service.deploy(subject.to, "--set", "contract.enabled=false");
  await service.settled();
  const { from, to, reasons, ...summary } = await service.brieflyUnderLoad(() => service.rollback(1));

  expect(reasons).toEqual([]);
  expect(summary).toMatchObject(nothingLost);
  expect(to, "both images answer with the same version").not.toBe(from);
});

test("the migrations alone under load: the release that runs does not notice them", async () => {
  const service = await install("compat");
  const { from, reasons, ...summary } = await service.migrationsAlone(subject.to);

  expect(reasons).toEqual([]);
  expect(summary).toMatchObject(nothingLost);
  expect(Object.keys(summary.servedBy)).toEqual([from]);
  expect(await service.applied(subject.to.facts.schemaKey)).toBe(true);
});

test("and these tests can fail: a column of the guestbook renamed under it goes red, for that reason", async () => {
  const guestbook = await theGuestbook();
  const service = await install("renamed", guestbook);
  const summary = await service.migrationsAlone(guestbook.renamed);

  expect(await service.applied("RenameMessage1770000000000")).toBe(true);
  expect(summary.verdict).toBe("failed");
  expect(summary.reasons.join("; ")).toMatch(/\d+ of \d+ requests failed/);
  // The release that runs is the one that breaks, and its own log says of what.
  expect(summary.failures.map(({ what }) => what)).toContainEqual(
    expect.stringMatching(/^create → 500 from 1$/),
  );
  const record = await readFile(join(artifacts, "e2e/own-renamed", recordFile), "utf8");
  expect(JSON.parse(record).logged).toContainEqual(
    expect.objectContaining({
      release: "1",
      message: expect.stringMatching(/column "message".* does not exist/),
    }),
  );
});
