import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ChecksumError } from "./failure.mjs";

/** How long a host may take to answer, and then to go on sending, before it counts as unreachable. */
const ANSWER_MS = 5_000;
const SILENCE_MS = 20_000;

/** Hosts that did not answer in this run: asking each again would cost seconds per tool. */
const unreachable = new Set();

/** The file cannot be had from there (no network, blocked, not published): another source may be tried. */
export class NotAvailable extends Error {}

/**
 * Writes the body of `url` to `file` and returns its SHA-256.
 * @param {string} url
 * @param {string} file
 * @param {{ onBytes?: (received: number, total: number | undefined) => void }} [options]
 * @returns {Promise<string>}
 */
export async function download(url, file, options = {}) {
  const { response, alive, end } = await request(url);
  const hash = createHash("sha256");
  const total = Number(response.headers.get("content-length")) || undefined;
  let received = 0;
  const meter = new Transform({
    transform(chunk, _encoding, done) {
      alive();
      hash.update(chunk);
      received += chunk.length;
      options.onBytes?.(received, total);
      done(null, chunk);
    },
  });
  try {
    const body = /** @type {import("node:stream/web").ReadableStream<Uint8Array>} */ (response.body);
    await pipeline(Readable.fromWeb(body), meter, createWriteStream(file));
  } catch (error) {
    // A fault of the disk is not the host's.
    if (/** @type {NodeJS.ErrnoException} */ (error).syscall !== undefined) throw error;
    throw gone(url, error);
  } finally {
    end();
  }
  return hash.digest("hex");
}

/**
 * The SHA-256 that a vendor publishes beside a release: either the bare sum, or lines of `sum  file`.
 * @param {string} url
 * @param {string} file
 * @returns {Promise<string>}
 */
export async function publishedChecksum(url, file) {
  const { response, end } = await request(url);
  let text;
  try {
    text = await response.text();
  } catch (error) {
    throw gone(url, error);
  } finally {
    end();
  }
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/));
  const line =
    lines.find(([, name]) => name?.split("/").pop() === file) ?? (lines.length === 1 ? lines[0] : undefined);
  const sum = line?.[0]?.toLowerCase();
  if (sum === undefined || !/^[0-9a-f]{64}$/.test(sum))
    throw new NotAvailable(`${url} holds no SHA-256 of ${file}`);
  return sum;
}

/**
 * @param {string} what
 * @param {string} expected
 * @param {string} actual
 */
export function verify(what, expected, actual) {
  if (expected === actual) return;
  throw new ChecksumError(
    `${what} does not have the expected SHA-256 (expected ${expected}, got ${actual}): it was not used. ` +
      "Something on the way, such as a proxy, changed it, or the release was replaced.",
  );
}

/** @param {string} url */
async function request(url) {
  const host = new URL(url).host;
  if (unreachable.has(host)) throw new NotAvailable(`${host} could not be reached`);
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), ANSWER_MS);
  const end = () => clearTimeout(timer);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(), SILENCE_MS);
  };
  let response;
  try {
    response = await fetch(url, { signal: controller.signal });
  } catch (error) {
    end();
    throw gone(url, error);
  }
  if (!response.ok || response.body === null) {
    end();
    await response.body?.cancel();
    throw new NotAvailable(`${url} answered ${response.status}`);
  }
  alive();
  return { response, alive, end };
}

/**
 * @param {string} url
 * @param {unknown} cause
 */
function gone(url, cause) {
  const host = new URL(url).host;
  unreachable.add(host);
  return new NotAvailable(`${host} could not be reached`, { cause });
}
