import type { WriteStream } from "node:tty";
import { coloured, type Paint, plain } from "./draw/paint.ts";

/** Whether somebody looks who would see lines being redrawn; a log of CI would keep every one of them. */
export const isInteractive = (
  stream: Pick<WriteStream, "isTTY"> = process.stdout,
  { CI, TERM }: NodeJS.ProcessEnv = process.env,
): boolean => stream.isTTY === true && TERM !== "dumb" && ["", "0", "false"].includes(CI ?? "");

/** Colours where the terminal has them and nobody said NO_COLOR, which Node knows. */
export const paintFor = (stream: WriteStream = process.stdout): Paint =>
  stream.isTTY && stream.hasColors() ? coloured : plain;

/** What there is to draw on. */
export interface Screen {
  /** False where lines can only be added. */
  interactive: boolean;
  paint: Paint;
  columns(): number;
  rows(): number;
}

export const screen = (stream: WriteStream = process.stdout): Screen => ({
  interactive: isInteractive(stream),
  paint: paintFor(stream),
  // Some terminals say 0 where they do not know.
  columns: () => stream.columns || 80,
  rows: () => stream.rows || 24,
});
