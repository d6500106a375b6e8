import { join } from "node:path";
import { baseImages } from "@schema-rollout/kind-offline";
import { type Engine, resolveEngine } from "@schema-rollout/toolchain";
import { Failure } from "../failure.ts";
import { root } from "../paths.ts";
import type { Say } from "../progress.ts";
import { saidBy, sh } from "../shell.ts";
import { buildImage, imageValues } from "./build.ts";

export interface ReleaseImages {
  blog: string;
  migrations: string;
}

export interface Images {
  postgres: string;
  migrator: string;
  waitForJob: string;
  releases: Record<string, ReleaseImages>;
}

/** Bundles everything that goes into images; Turborepo skips what did not change. */
export async function bundle(): Promise<void> {
  await sh`turbo run build --output-logs=errors-only`.catch((error) => {
    throw new Failure(`The build failed:\n${saidBy(error)}`);
  });
}

/** Makes the images of the releases named, of what is bundled. */
export async function buildImages(prefix: string, releases: string[], say: Say): Promise<Images> {
  const engine = await resolveEngine({ onProgress: say });
  const base = await baseImages({ engine, onProgress: say });
  const build = builder(engine, prefix, say);
  const migrator = await build.tool("migrator", base.node);
  const images: Images = {
    postgres: await ownName(engine, base.postgres, prefix),
    migrator,
    waitForJob: await build.tool("wait-for-job", base.node),
    releases: {},
  };
  for (const release of releases)
    images.releases[release] = await build.release(release, base.node, migrator);
  return images;
}

export const allOf = (images: Images): string[] => [
  images.postgres,
  images.migrator,
  images.waitForJob,
  ...Object.values(images.releases).flatMap(({ blog, migrations }) => [blog, migrations]),
];

/** Gives the database's image a name under our prefix, so that it can be pushed or loaded like the others. */
async function ownName(engine: Engine, image: string, prefix: string): Promise<string> {
  const name = `${prefix}/postgres:${imageValues(image).tag}`;
  await sh({ env: { ...process.env, ...engine.env } })`${engine.path} tag ${image} ${name}`;
  return name;
}

function builder(engine: Engine, prefix: string, say: Say) {
  const blog = join(root, "apps/blog");
  return {
    tool: (name: string, baseImage: string) =>
      buildImage(
        engine,
        prefix,
        {
          name,
          context: join(root, "tools", name),
          dockerfile: "Dockerfile",
          files: ["dist"],
          args: { BASE_IMAGE: baseImage },
        },
        say,
      ),
    async release(release: string, baseImage: string, migrator: string): Promise<ReleaseImages> {
      const dist = `dist/${release}`;
      return {
        blog: await buildImage(
          engine,
          prefix,
          {
            name: "blog",
            context: blog,
            dockerfile: "Dockerfile",
            files: [`${dist}/app`],
            args: { BASE_IMAGE: baseImage, RELEASE: release },
          },
          say,
        ),
        migrations: await buildImage(
          engine,
          prefix,
          {
            name: "blog-migrations",
            context: blog,
            dockerfile: "migrations.Dockerfile",
            files: [`${dist}/migrations`, `${dist}/commands`],
            args: { MIGRATOR_IMAGE: migrator, RELEASE: release },
          },
          say,
        ),
      };
    },
  };
}
