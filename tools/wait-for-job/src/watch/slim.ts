import { gatherer, LONGEST, TooLong } from "./gather.ts";

/** The fields of a JSON document that are read, with `"all"` for a value that is read whole. Arrays are seen through. */
export interface Wanted {
  readonly [name: string]: Wanted | "all";
}

/** Room for what is read of any true answer; conditions have messages of at most 32 KiB. */
const MOST_KEPT = 256 * 1024;
/** Deeper than anything that is read. */
const DEEPEST = 32;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const NULL = Buffer.from("null");

/**
 * A JSON document as it comes, without the values of fields that nobody reads: `null` stands for each. A megabyte of
 * JSON makes up to a hundred of objects, and whoever sends it must not decide how much memory this takes. What is kept
 * is judged by JSON.parse; of what is not, only the end has to be found.
 */
export function slimmer(what: string, root: Wanted, { longest = LONGEST, mostKept = MOST_KEPT } = {}) {
  const kept = gatherer(`what is read of ${what}`, mostKept);
  /** The open objects and arrays of what is kept. */
  let open: { readonly fields: Wanted | "all"; readonly array: boolean }[];
  /** What is read of the value that comes next. */
  let next: Wanted | "all";
  /** Whether a name comes next, not a value; and the last one. */
  let naming: boolean;
  let name: string;
  let [quoted, escaped, skipping] = [false, false, false];
  /** How deep within the value that is skipped. */
  let depth: number;
  let size: number;
  begin();

  function begin(): void {
    [open, next, naming, name] = [[], root, false, ""];
    [quoted, escaped, skipping] = [false, false, false];
    [depth, size] = [0, 0];
  }

  /** Whether this byte, outside of any string, still belongs to the value that is skipped. */
  function skips(byte: number): boolean {
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    else return byte !== COMMA || depth > 0;
    return depth >= 0;
  }

  /** Follows the structure of what is kept; true where a value begins that nobody reads. */
  function follow(byte: number): boolean {
    const here = open.at(-1);
    switch (byte) {
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        if (open.length === DEEPEST) throw new TooDeep(`${what} is nested deeper than ${DEEPEST} levels`);
        open.push({ fields: next, array: byte === OPEN_ARRAY });
        naming = byte === OPEN_OBJECT;
        return false;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        naming = false;
        return false;
      case COMMA:
        naming = here?.array === false;
        if (here?.array) next = here.fields;
        return false;
      case COLON: {
        if (!naming || here === undefined) return false;
        naming = false;
        if (here.fields === "all") next = "all";
        else if (Object.hasOwn(here.fields, name)) next = here.fields[name] ?? "all";
        else return true;
        return false;
      }
      default:
        return false;
    }
  }

  return {
    add(piece: Buffer): void {
      size += piece.length;
      if (size > longest) throw new TooLong(`${what} of more than ${longest} bytes`);
      let from = 0;
      for (let at = 0; at < piece.length; at += 1) {
        const byte = piece[at] as number;
        if (quoted) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) quoted = false;
          if (quoted && naming) name += String.fromCharCode(byte);
        } else if (byte === QUOTE) {
          quoted = true;
          name = "";
        } else if (skipping) {
          if (skips(byte)) continue;
          [skipping, depth, from] = [false, 0, at];
          follow(byte);
        } else if (follow(byte)) {
          kept.add(piece.subarray(from, at + 1));
          kept.add(NULL);
          skipping = true;
        }
      }
      if (!skipping) kept.add(piece.subarray(from));
    },
    /** All that was kept so far as text, and begins anew. */
    take(): string {
      begin();
      return kept.take();
    },
  };
}

/** Not what anybody here reads. */
export class TooDeep extends Error {
  override name = "TooDeep";
}
