import { helm } from "../lib/cluster/access.ts";
import { deployBlog } from "../lib/install/blog.ts";
import { runMigrator } from "../lib/install/migrator-job.ts";
import type { Proof } from "../lib/rollout/under-load.ts";
import type { Stage } from "../lib/stage.ts";

/** One thing that happens to the blog under load, and is judged by itself. */
export interface Turn {
  name: TurnName;
  from: string;
  to: string;
  move(proof: Proof): Promise<void>;
}

export type TurnName = "upgrade" | "rollback" | "upgrade without migration" | "restart";

const quietly = () => {};

/**
 * What is done again and again: v1 gets v2's migrations and v2; back; v2 once more, whose Job then finds nothing to do; back;
 * a plain restart of v1, and v2's migrations are undone. So the rollout and the migration each have their like
 * without a migration in the same run, and the next cycle has something to migrate.
 */
export function cycle({ cluster, images }: Stage, namespace: string): Turn[] {
  const upgrade = () =>
    deployBlog(cluster, { namespace, release: "v2", images, nodePort: cluster.nodePorts?.demo });
  // The one before: Helm keeps ten revisions, so the first is soon forgotten.
  const rollback = () => helm(cluster, ["rollback", "blog", "-n", namespace]);
  const undo = () =>
    runMigrator(cluster, namespace, {
      name: "blog-undo",
      image: images.releases.v2?.migrations ?? "",
      args: ["rollback", "--to", "CreatePosts1750000000000", "--wait", "1m"],
      secret: "blog-migrator-database",
      component: "undo",
      purpose: "undo v2's migrations",
    });
  const there = { from: "v1", to: "v2" };
  const back = { from: "v2", to: "v1" };
  return [
    { ...there, name: "upgrade", move: (proof) => proof.upgrade(upgrade, quietly) },
    { ...back, name: "rollback", move: (proof) => proof.upgrade(rollback, quietly) },
    {
      ...there,
      name: "upgrade without migration",
      move: (proof) => proof.upgrade(upgrade, quietly),
    },
    { ...back, name: "rollback", move: (proof) => proof.upgrade(rollback, quietly) },
    {
      from: "v1",
      to: "v1",
      name: "restart",
      move: async (proof) => {
        await proof.restart(quietly);
        await undo();
      },
    },
  ];
}
