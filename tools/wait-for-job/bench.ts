// node bench.ts [runs]: reaction, start and memory of the built bundle, over TLS, beside a bare start of Node.
// Builds its own bundle. Not part of the tests: figures belong to the machine they were measured on.
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startApiServer } from "./test/support/api-server.ts";
import { makeAuthority } from "./test/support/certificates.ts";
import { complete, job } from "./test/support/jobs.ts";

const runs = Number(process.argv[2] ?? 100);
const authority = makeAuthority();
const dist = join(authority.folder, "dist");
execFileSync(process.execPath, [join(import.meta.dirname, "build.ts"), dist], { stdio: "inherit" });
const bundle = join(dist, "wait-for-job.mjs");
const tokenFile = join(authority.folder, "token");
writeFileSync(tokenFile, "t");
const api = await startApiServer(authority);
const start: number[] = [];
const reaction: number[] = [];
const bare: number[] = [];
const memory: number[] = [];

for (let run = 0; run < runs; run += 1) {
  bare.push(await timed(["-e", "0"]));
  await oneGate(`migrate-${run}`);
}
await api.stop();
rmSync(authority.folder, { recursive: true });

const startsPerBare = percentile(start, 50) / percentile(bare, 50);
console.log(`runs                      ${runs}`);
console.log(`node -e 0                 ${figures(bare)} ms`);
console.log(`start to first WATCH      ${figures(start)} ms (${startsPerBare.toFixed(2)} times node -e 0)`);
console.log(`Complete to exit          ${figures(reaction)} ms`);
console.log(`peak memory (VmHWM)       ${figures(memory)} MB`);

async function oneGate(name: string): Promise<void> {
  api.apply(job(name));
  const watching = new Promise<void>((done) => {
    api.intercept((request) => {
      if (request.name === name && request.verb === "watch") setImmediate(done);
      return false;
    });
  });
  const began = performance.now();
  const flags = ["--server", api.url, "--token-file", tokenFile, "--ca-file", authority.caFile];
  const child = spawn(process.execPath, [bundle, name, ...flags], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<number | null>((done) => child.once("exit", done));
  const early = ended.then((code) => {
    throw new Error(`the gate ended with ${code} before its first WATCH`);
  });
  await Promise.race([watching, early]);
  // It ends later, as it should.
  early.catch(() => undefined);
  start.push(performance.now() - began);
  // As in life: the Job takes longer than the process takes to come to rest.
  await new Promise((done) => setTimeout(done, 50 + Math.random() * 50));
  memory.push(peak(child.pid ?? 0));
  const completed = performance.now();
  api.apply(complete(name));
  const code = await ended;
  reaction.push(performance.now() - completed);
  if (code !== 0) throw new Error(`the gate ended with ${code}`);
}

function timed(args: string[]): Promise<number> {
  const began = performance.now();
  return new Promise((done) => {
    spawn(process.execPath, args, { stdio: "ignore" }).once("exit", () => done(performance.now() - began));
  });
}

/** In MB; Linux only. */
function peak(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function figures(values: readonly number[]): string {
  return [50, 95, 99].map((percent) => `p${percent} ${percentile(values, percent).toFixed(1)}`).join("  ");
}
