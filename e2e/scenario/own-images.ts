import { join } from "node:path";
import { baseImages } from "@schema-rollout/kind-offline";
import { buildImage } from "@schema-rollout/scripts/lib/images/build.ts";
import { adopt, fileIn } from "@schema-rollout/scripts/lib/images/foreign.ts";
import { factsOf, labelOf } from "@schema-rollout/scripts/lib/own-service/facts.ts";
import {
  type OwnRelease,
  type OwnService,
  ownServiceFrom,
} from "@schema-rollout/scripts/lib/own-service/settings.ts";
import { root } from "@schema-rollout/scripts/lib/paths.ts";
import type { ReleaseFacts } from "@schema-rollout/scripts/lib/release/releases.ts";
import { resolveEngine } from "@schema-rollout/toolchain";
import { buildGuestbook, type GuestbookRelease } from "../fixtures/guestbook/build.ts";
import { theStage } from "./stage.ts";

/** A release that the cluster has. */
export interface Release extends OwnRelease {
  facts: ReleaseFacts;
}

/** A service that the scenarios do not know, with two releases of it. */
export interface Subject extends Pick<OwnService, "adapter" | "chart" | "values"> {
  from: Release;
  to: Release;
}

const say = (text: string) => console.log(`  ${text}`);

/** The service that the environment names, or the guestbook. */
export async function theSubject(): Promise<Subject> {
  const own = ownServiceFrom(process.env);
  return own ? { ...own, from: await adopted(own.from), to: await adopted(own.to) } : theGuestbook();
}

/** The fixture, and beside its two releases one whose migration breaks both. */
export async function theGuestbook(): Promise<Subject & { renamed: Release }> {
  await buildGuestbook();
  const folder = join(root, "e2e/fixtures/guestbook");
  return {
    from: await guestbook("1"),
    to: await guestbook("2"),
    renamed: await guestbook("renamed", "2"),
    adapter: join(folder, "adapter.ts"),
    chart: join(root, "charts/examples/orders"),
    values: join(folder, "values.yaml"),
  };
}

async function guestbook(release: GuestbookRelease, app: "1" | "2" = release as "1" | "2"): Promise<Release> {
  const { cluster, images } = await theStage();
  const engine = await resolveEngine({ onProgress: say });
  const base = await baseImages({ engine, onProgress: say });
  const context = join(root, "e2e/fixtures/guestbook");
  const image = (name: string, dockerfile: string, file: string, args: Record<string, string>) =>
    buildImage(
      engine,
      cluster.imagePrefix,
      { name, context, dockerfile, files: [`dist/${file}`], args },
      say,
    );
  return offered(
    {
      app: await image("guestbook", "Dockerfile", `app-${app}.mjs`, { BASE_IMAGE: base.node, RELEASE: app }),
      migrations: await image("guestbook-migrations", "migrations.Dockerfile", `migrations-${release}`, {
        MIGRATOR_IMAGE: images.migrator,
        RELEASE: release,
      }),
    },
    app,
  );
}

async function adopted({ app, migrations }: OwnRelease): Promise<Release> {
  const { cluster } = await theStage();
  const engine = await resolveEngine({ onProgress: say });
  const take = (image: string, name: string) => adopt(engine, cluster.imagePrefix, { image, name }, say);
  const ours = { app: await take(app, "own-app"), migrations: await take(migrations, "own-migrations") };
  return offered(ours, labelOf(app));
}

/** Gives both images to the cluster, and reads from the migrator's what a chart must know of the release. */
async function offered(release: OwnRelease, version: string): Promise<Release> {
  const { cluster } = await theStage();
  await cluster.offer([release.app, release.migrations], say);
  const text = await fileIn(await resolveEngine(), release.migrations, "/migrations/migrations.json");
  return { ...release, facts: { version, ...factsOf(text, release.migrations) } };
}
