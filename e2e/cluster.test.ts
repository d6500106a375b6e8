import { onControlPlane } from "@schema-rollout/scripts/lib/cluster/control-plane.ts";
import { expect, test } from "vitest";
import { theStage } from "./scenario/stage.ts";

// On somebody else's cluster we change no node.
test.skipIf(process.env.KUBE_CONTEXT)(
  "on a busy node what serves requests goes before what makes pods",
  async () => {
    const { cluster } = await theStage();
    // What the kernel goes by, in the words of the cgroup version the node has.
    const weightOf = async (slice: string) =>
      Number(
        await onControlPlane(
          cluster,
          `cd /sys/fs/cgroup && cat cpu/${slice}/cpu.shares 2>/dev/null || cat /sys/fs/cgroup/${slice}/cpu.weight`,
        ),
      );
    expect(await weightOf("system.slice")).toBeGreaterThan(0);
    expect(await weightOf("kubelet.slice")).toBe(8 * (await weightOf("system.slice")));
    // Those are the slices they are in.
    const placeOf = (process: string) => onControlPlane(cluster, `cat /proc/$(pgrep -xo ${process})/cgroup`);
    expect(await placeOf("kube-apiserver")).toContain("/kubelet.slice/");
    expect(await placeOf("containerd")).toContain("/system.slice/");
  },
);
