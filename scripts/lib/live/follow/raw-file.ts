import { type FileHandle, open } from "node:fs/promises";

const chunkBytes = 1024 * 1024;
/** A file that grew long before we came is read bit by bit. */
const mostChunks = 4;

export interface RawFile {
  /** The lines that were finished since the last call. `anew`: the file is another one than before. */
  next(): Promise<{ lines: string[]; anew: boolean }>;
  /** The next call begins with the first line. */
  restart(): void;
}

/** Reads what is appended to a file, which may not be there yet and may be replaced by another. */
export function rawFile(path: string): RawFile {
  let identity = "";
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);

  async function read(file: FileHandle) {
    const { ino, birthtimeMs, size } = await file.stat();
    const found = `${ino} ${birthtimeMs}`;
    const anew = identity !== "" && (found !== identity || size < offset);
    if (anew || identity === "") {
      offset = 0;
      rest = Buffer.alloc(0);
    }
    identity = found;
    for (let chunks = 0; offset < size && chunks < mostChunks; chunks++) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(chunkBytes, size - offset)), {
        position: offset,
      });
      if (bytesRead === 0) break;
      offset += bytesRead;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    }
    const end = rest.lastIndexOf("\n") + 1;
    const lines = rest.toString("utf8", 0, end).split("\n").filter(Boolean);
    // A copy: the part would keep the whole alive.
    rest = Buffer.from(rest.subarray(end));
    return { lines, anew };
  }

  return {
    restart() {
      identity = "";
    },
    async next() {
      const file = await open(path).catch(() => undefined);
      if (!file) return { lines: [], anew: false };
      try {
        return await read(file);
      } finally {
        await file.close();
      }
    },
  };
}
