import { type App, freePort, NotServing, untilServing } from "./app.ts";
import { Red } from "./checks.ts";
import { type CommandName, type Config, forRelease } from "./config.ts";
import type { Database } from "./database.ts";
import { exitCode, Failure } from "./failure.ts";
import { type Running, start } from "./process.ts";
import { lastLine, messageOf, redBecause } from "./said.ts";

/** What the rehearsal can do with a release: each is a command of the configuration. */
export interface Stage {
  bootstrap(): Promise<void>;
  /** Red when it fails; a Failure when it says that it could not even begin. */
  migrate(release: string): Promise<void>;
  seed(release: string): Promise<void>;
  /** The exit code of the contract command; Red for any other than 0 and 22 (closed). */
  contract(release: string): Promise<number>;
  serve(release: string): Promise<App>;
  /** Red unless the app keeps what this release promises. */
  suite(release: string, app: App): Promise<void>;
  /** Ends whatever still runs. */
  clear(): Promise<void>;
}

export interface StageOptions {
  config: Config;
  database: Database;
  signal: AbortSignal;
  onOutput?: ((text: string) => void) | undefined;
}

/** Exit code by which a contract says that older code is still alive. */
const closed = 22;
/** Exit code by which commands say that they were called wrongly, so that nothing was done: no such folder, no such release. */
const notTried = 2;
const limitMs = 120_000;

export function createStage({ config, database, signal, onOutput }: StageOptions): Stage {
  const { redact } = database;
  const running = new Set<Running>();
  const asMigrator = { DATABASE_URL: database.migratorUrl, READER_ROLE: database.appRole };
  const asApp = { DATABASE_URL: database.appUrl };
  const around = (env: Record<string, string>) => ({
    folder: config.folder,
    env: { ...config.env, ...env },
    onOutput: onOutput && ((text: string) => onOutput(redact(text))),
  });

  async function toItsEnd(command: readonly string[], env: Record<string, string>) {
    signal.throwIfAborted();
    const process = await start(command, around(env));
    running.add(process);
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      void process.stop();
    }, limitMs);
    const ended = await process.ended.finally(() => clearTimeout(limit));
    running.delete(process);
    signal.throwIfAborted();
    if (late) throw new Red(`${command[0]} did not end within ${limitMs / 1000} s`);
    return { ...ended, output: redact(process.output()).trim() };
  }

  async function must(name: CommandName, release: string, env: Record<string, string>): Promise<void> {
    const ended = await toItsEnd(forRelease(config[name] ?? [], release), env);
    if (ended.code !== 0) throw redBecause(`${release}'s ${name}`, ended);
  }

  return {
    async bootstrap() {
      const env = { MIGRATOR_DATABASE_URL: database.migratorUrl, APP_DATABASE_URL: database.appUrl };
      const { code, output } = await toItsEnd(["migrator", "bootstrap"], {
        ...env,
        DATABASE_URL: database.adminUrl,
      });
      if (code === 0) return;
      throw new Failure(`The roles could not be made: ${messageOf(lastLine(output))}`, exitCode.noAnswer);
    },
    async migrate(release) {
      const ended = await toItsEnd(forRelease(config.migrate, release), asMigrator);
      if (ended.code === notTried) {
        const why = messageOf(lastLine(ended.output)) || "it did not say why";
        throw new Failure(
          `${release}'s migrations were not tried: ${why} (exit code ${notTried}). Is ${release} the name of a release, and is it built?`,
          exitCode.noAnswer,
        );
      }
      if (ended.code !== 0) throw redBecause(`${release}'s migrate`, ended);
    },
    async seed(release) {
      if (config.seed) await must("seed", release, asApp);
    },
    async contract(release) {
      const ended = await toItsEnd(forRelease(config.contract ?? [], release), asMigrator);
      if (ended.code === 0 || ended.code === closed) return ended.code;
      throw redBecause(`${release}'s contract`, ended);
    },
    async serve(release) {
      signal.throwIfAborted();
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const env = { ...asApp, PORT: String(port) };
      const process = await start(forRelease(config.app, release), around(env));
      running.add(process);
      try {
        await untilServing(process, url + config.ready);
        return { url, process };
      } catch (error) {
        await process.stop();
        signal.throwIfAborted();
        if (error instanceof NotServing) throw new Red(redact(`${release} does not start: ${error.message}`));
        throw error;
      }
    },
    async suite(release, app) {
      const said = app.process.output().length;
      try {
        await must("suite", release, { BASE_URL: app.url });
      } catch (error) {
        const lastWord = messageOf(lastLine(app.process.output().slice(said)));
        if (!(error instanceof Red) || lastWord === "") throw error;
        throw new Red(error.message, `${error.detail}\n${release} logged: ${redact(lastWord)}`);
      }
    },
    async clear() {
      await Promise.all([...running].map((process) => process.stop()));
      running.clear();
    },
  };
}
