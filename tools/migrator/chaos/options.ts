import { join } from "node:path";
import { parseArgs } from "node:util";

export interface Options {
  kills: number;
  freezes: number;
  seed: number;
  /** No trial begins after this. */
  minutes: number;
  /** Names of trials, or beginnings of them, as the report has them. */
  only: string | undefined;
  postgres: "15" | "18";
  out: string;
}

export const usage = `node chaos/main.ts [options]
  --kills N      SIGKILLs that must land inside one of the moments asked for (200)
  --freezes N    cuts of the network (42)
  --seed N       what is left to chance is derived from it (1)
  --minutes N    no trial begins after this (30)
  --only NAME    only trials whose name begins so, as in the report: kill/concurrently/17
  --postgres V   18 or 15 (18)
  --out FILE     the result as JSON (artifacts/chaos/migrator.json)`;

/** Undefined when help is asked for. Throws what is wrong with the arguments, in words. */
export function optionsFrom(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      kills: { type: "string", default: "200" },
      freezes: { type: "string", default: "42" },
      seed: { type: "string", default: "1" },
      minutes: { type: "string", default: "30" },
      only: { type: "string" },
      help: { type: "boolean" },
      postgres: { type: "string", default: "18" },
      out: {
        type: "string",
        default: join(import.meta.dirname, "..", "..", "..", "artifacts", "chaos", "migrator.json"),
      },
    },
  });
  if (values.help) return undefined;
  const { only, postgres, out } = values;
  if (postgres !== "15" && postgres !== "18") throw new Error(`--postgres ${postgres}: there are 15 and 18`);
  return {
    kills: count("kills", values.kills),
    freezes: count("freezes", values.freezes),
    seed: count("seed", values.seed),
    minutes: count("minutes", values.minutes),
    only,
    postgres,
    out,
  };
}

function count(name: string, text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Error(`--${name} ${text}: a whole number`);
}
