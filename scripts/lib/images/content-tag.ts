import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ImageInputs {
  /** Build context's folder. */
  context: string;
  /** Dockerfile, and files or folders of the context that it copies. */
  files: string[];
  args: Record<string, string>;
}

/** Names an image by what goes into it: the same inputs give the same tag, so nothing is built or rolled out twice. */
export async function contentTag({ context, files, args }: ImageInputs): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify(Object.entries(args).sort()));
  for (const file of files) {
    for (const path of await filesBelow(context, file)) {
      hash.update(`\0${path}\0`).update(await readFile(join(context, path)));
    }
  }
  return hash.digest("hex").slice(0, 12);
}

async function filesBelow(context: string, path: string): Promise<string[]> {
  const entries = await readdir(join(context, path), { withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOTDIR") return undefined;
      throw error;
    },
  );
  if (!entries) return [path];
  const below = await Promise.all(entries.map((entry) => filesBelow(context, join(path, entry.name))));
  return below.flat().sort();
}
