import type { UpResult } from "../commands/up.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Outcome } from "../report.ts";

export function showUp(result: UpResult): Outcome {
  const { applied, pending, newer, adopted } = result;
  const parts = [
    applied.length > 0 ? `applied ${applied.map(({ name }) => name).join(", ")}` : "nothing to do",
    adopted.length > 0 && `took over ${adopted.length} from TypeORM's CLI`,
    newer.length > 0 && `the database is newer (${newer.join(", ")})`,
    pending.length > 0 &&
      `left pending: ${pending.map(({ name, phase }) => `${name} (${phase})`).join(", ")}`,
  ];
  return { exitCode: ExitCode.Ok, summary: parts.filter((part) => part !== false).join("; "), result };
}
