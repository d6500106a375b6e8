import { z } from "zod";
import { Failure } from "../failure.ts";

const manifest = z.object({
  schemaKey: z.string().min(1),
  level: z.string().regex(/^\d{13}$/),
  migrations: z.array(z.object({ phase: z.string() })).min(1),
});

/** What a chart must know of a release, from the `migrations.json` that was made when its migrator image was built. */
export function factsOf(text: string, image: string) {
  const read = manifest.safeParse(jsonOrNothing(text));
  if (!read.success)
    throw new Failure(`/migrations/migrations.json of ${image} is not one that buildMigrations wrote.`);
  const { schemaKey, level, migrations } = read.data;
  return { schemaKey, level, contract: migrations.some(({ phase }) => phase !== "expand") };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A label for the pods: the image's tag, as far as a label may have it; "" where there is none. */
export const labelOf = (image: string): string =>
  (/:([\w.-]+)$/.exec(image.split("@")[0] ?? "")?.[1] ?? "")
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, "")
    .replace(/^[^A-Za-z0-9]+/, "");
