import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { usage } from "../failure.ts";
import { root } from "../paths.ts";

/** The images of one release, as the container engine knows them, or can pull them. */
export interface OwnRelease {
  app: string;
  /** A migrator with the release's migrations. */
  migrations: string;
}

export interface OwnService {
  from: OwnRelease;
  to: OwnRelease;
  /** Files and a folder, as absolute paths. */
  adapter: string;
  chart: string;
  values: string | undefined;
}

const image = (what: string) => z.string({ error: `is missing: ${what}` }).regex(/^\S+$/, "names an image");
const file = (what: string) =>
  z
    .string({ error: `is missing: ${what}` })
    .transform((path) => resolve(root, path))
    .refine((path) => existsSync(path), { error: ({ input }) => `is not there: ${input}` });

const environment = z.object({
  FROM_IMAGE: image("the image of the release that runs"),
  TO_IMAGE: image("the image of the release that follows"),
  FROM_MIGRATIONS: image("the migrator image of the release that runs"),
  TO_MIGRATIONS: image("the migrator image of the release that follows"),
  ADAPTER: file("the file with your routes"),
  CHART: file("").default(resolve(root, "charts/examples/orders")),
  VALUES: file("").optional(),
});

/**
 * Somebody's own service as the environment names it, or undefined where it names nothing of one. Says all that is
 * missing or wrong at once. Paths start at the root of this repository.
 */
export function ownServiceFrom(env: NodeJS.ProcessEnv): OwnService | undefined {
  const names = Object.keys(environment.shape);
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => names.includes(name) && value),
  );
  if (Object.keys(given).length === 0) return undefined;
  const read = environment.safeParse(given);
  if (!read.success) {
    const faults = read.error.issues.map(({ path, message }) => `  ${path.join(".")} ${message}`);
    throw usage(
      `To run the scenarios against a service of yours (docs/your-own-service.md):\n${faults.join("\n")}`,
    );
  }
  const { FROM_IMAGE, TO_IMAGE, FROM_MIGRATIONS, TO_MIGRATIONS, ADAPTER, CHART, VALUES } = read.data;
  return {
    from: { app: FROM_IMAGE, migrations: FROM_MIGRATIONS },
    to: { app: TO_IMAGE, migrations: TO_MIGRATIONS },
    adapter: ADAPTER,
    chart: CHART,
    values: VALUES,
  };
}
