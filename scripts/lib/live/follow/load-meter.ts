import { parseLines } from "../../load/raw.ts";
import { addAnswers, type LoadView, loadView, noCounts } from "../model/load-counts.ts";
import { rawFile } from "./raw-file.ts";

const everyMs = 1_000;

export interface LoadMeter {
  view(now: number): LoadView | undefined;
  stop(): void;
}

/** Counts what k6 writes, as its raw files grow. */
export function meterLoad(paths: string[]): LoadMeter {
  const files = paths.map(rawFile);
  let counts = noCounts();
  let stopped = false;
  const read = async () => {
    const parts = await Promise.all(files.map((file) => file.next()));
    if (parts.some(({ anew }) => anew)) {
      // Another run has begun, and its files came one after the other.
      for (const file of files) file.restart();
      counts = noCounts();
    } else {
      const { answers } = parseLines(parts.flatMap(({ lines }) => lines));
      if (answers.length > 0) addAnswers(counts, answers);
    }
    if (!stopped) setTimeout(again, everyMs).unref();
  };
  // A file that cannot be read right now may be there the next time; nothing of a run depends on it.
  const again = () => void read().catch(() => setTimeout(again, everyMs).unref());
  again();
  return {
    view: (now) => loadView(counts, now),
    stop() {
      stopped = true;
    },
  };
}
