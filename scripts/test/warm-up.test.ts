import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { bestSecond, warmUp } from "../lib/load/warm-up.ts";

const look = (path: string) => ({ send: () => ({ method: "GET", path }), right: () => true });

/** A service that counts what it is asked for, and how much of it at once. */
async function service(answerMs: number) {
  const seen: Record<string, number> = {};
  const load = { now: 0, most: 0 };
  const server = createServer(({ url = "" }, response) => {
    seen[url] = (seen[url] ?? 0) + 1;
    load.most = Math.max(load.most, ++load.now);
    setTimeout(() => {
      load.now--;
      response.end("ok");
    }, answerMs);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, load };
}

test("lists and pages in turn, as many as were asked for, of which few at once however slow they are", async () => {
  const { url, seen, load } = await service(20);
  const answered = await warmUp(url, { list: look("/list"), page: look("/page") }, 100);
  expect(seen).toEqual({ "/list": 50, "/page": 50 });
  expect(load.most).toBeGreaterThan(1);
  expect(load.most).toBeLessThanOrEqual(12);
  // Twelve at a time, 20 ms each.
  expect(answered).toBeGreaterThan(0);
  expect(answered).toBeLessThanOrEqual(600);
});

test("a service without pages is asked for lists only", async () => {
  const { url, seen } = await service(0);
  await warmUp(url, { list: look("/list") }, 24);
  expect(seen).toEqual({ "/list": 24 });
});

test("a service that is not there is the load's to judge", async () => {
  const { url } = await service(0);
  const nobody = url.replace(/\d+$/, "1");
  await expect(warmUp(nobody, { list: look("/list") }, 24)).resolves.toBe(0);
});

test("the best second counts, and of less than one what it would come to", () => {
  expect(bestSecond([])).toBe(0);
  expect(bestSecond([100, 200, 400, 500])).toBe(8);
  // Slow while it is new, then eight within a second; what comes a whole second later is the next one's.
  expect(bestSecond([600, 1_500, 2_000, 2_100, 2_200, 2_300, 2_400, 2_500, 2_600, 2_999, 3_100])).toBe(8);
  expect(bestSecond([0, 1_000, 2_000])).toBe(1);
});
