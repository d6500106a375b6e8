import type { App } from "./app.ts";
import { type Checks, isGreen, Red } from "./checks.ts";
import { exitCode, Failure } from "./failure.ts";
import type { Stage } from "./stage.ts";
import { both, meanwhile } from "./together.ts";

export interface Releases {
  from: string;
  to: string;
}

interface Play extends Releases {
  stage: Stage;
  checks: Checks;
}

/** Plays a rollout from the old release to the new one and back, on one database, and checks it at each step. */
export async function rehearse(play: Play & { hasContract: boolean }): Promise<void> {
  const { old, suiteMs } = await opening(play);
  const migrated = await migrationUnderUse(play, old, suiteMs);
  const again = await restart(play, old, `${play.from} started anew on the new schema`);
  if (!migrated) return;
  const rolledBack = await rolloutAndBack(play, again);
  // Over a rollout that failed there is nothing to contract.
  if (play.hasContract && rolledBack && isGreen(play.checks.all)) await contracting(play, rolledBack);
}

/** The old release as it serves today. If it does not hold here, the fault is not the migration's. */
async function opening({ stage, from }: Play): Promise<{ old: App; suiteMs: number }> {
  try {
    await stage.bootstrap();
    await stage.migrate(from);
    await stage.seed(from);
    const old = await stage.serve(from);
    const started = performance.now();
    await stage.suite(from, old);
    return { old, suiteMs: performance.now() - started };
  } catch (error) {
    if (!(error instanceof Red)) throw error;
    const said = [error.message, error.detail].filter(Boolean).join("\n");
    const why = `${from} does not hold on its own schema, before anything was changed:\n${said}`;
    throw new Failure(why, exitCode.noAnswer);
  }
}

/** The question itself: only the migration runs, and the old code goes on, on connections from before. */
async function migrationUnderUse(
  { stage, checks, from, to }: Play,
  old: App,
  suiteMs: number,
): Promise<boolean> {
  let migrating = true;
  const migration = () =>
    stage.migrate(to).finally(() => {
      migrating = false;
    });
  const uses = () =>
    meanwhile(
      () => stage.suite(from, old),
      suiteMs,
      () => migrating,
    );
  const migrated = checks.run(`${to}'s migrations run`, migration);
  await both([migrated, checks.run(`${from} answers while they run`, uses)]);
  await checks.run(`${from} goes on after them`, () => stage.suite(from, old));
  return migrated;
}

/** As a pod that is moved to another node: new process, new connections. */
async function restart({ stage, checks, from }: Play, old: App | undefined, name: string) {
  let anew: App | undefined;
  await checks.run(name, async () => {
    await old?.process.stop();
    anew = await stage.serve(from);
    await stage.suite(from, anew);
  });
  return anew;
}

async function rolloutAndBack(play: Play, old: App | undefined): Promise<App | undefined> {
  const { stage, checks, from, to } = play;
  await checks.run(`${to} serves beside ${from}`, async () => {
    const next = await stage.serve(to);
    await both([stage.suite(to, next), old && stage.suite(from, old)]).finally(next.process.stop);
  });
  await checks.run(`${from}'s migrator accepts the newer schema`, () => stage.migrate(from));
  return restart(play, old, `${from} after a rollback, on what ${to} wrote`);
}

/** What follows once the rollout is over: backfills at once, contracts when the old code is gone. */
async function contracting({ stage, checks, from, to }: Play, old: App): Promise<void> {
  let next: App | undefined;
  let closed = false;
  await checks.run(`${to}'s contract run, with ${from} alive`, async () => {
    next = await stage.serve(to);
    closed = (await stage.contract(to)) !== 0;
  });
  const served = next;
  if (served === undefined) return;
  await checks.run(`${from} and ${to} go on after it`, () =>
    both([stage.suite(to, served), stage.suite(from, old)]),
  );
  // It was done at once, so there was nothing to wait for.
  if (!closed) return;
  await old.process.stop();
  await checks.run(`${to}'s contract run, with ${from} gone`, async () => {
    if ((await stage.contract(to)) !== 0) throw new Red(`it still waits, although ${from} was stopped`);
  });
  await checks.run(`${to} goes on after it`, () => stage.suite(to, served));
  await checks.run(`${from} is kept out`, () => refused(stage, from));
}

/** A release from before the contract must not serve: it would break on its first request, or break data. */
async function refused(stage: Stage, release: string): Promise<void> {
  try {
    await stage.serve(release);
  } catch (error) {
    if (error instanceof Red) return;
    throw error;
  }
  throw new Red(`${release} started and serves on a schema that it does not know`);
}
