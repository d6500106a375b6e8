import type { Cluster } from "../cluster/index.ts";
import { runMigrator } from "./migrator-job.ts";

/**
 * Imports the repository's posts with `migrator run seed`, as the role the blog itself uses, and generates as many more
 * as asked for.
 */
export const seed = (cluster: Cluster, namespace: string, image: string, posts = 0): Promise<void> =>
  runMigrator(cluster, namespace, {
    name: "blog-seed",
    image,
    args: ["run", "seed", ...(posts > 0 ? ["--posts", String(posts)] : [])],
    secret: "blog-app-database",
    component: "seed",
    purpose: "import the posts",
  });
