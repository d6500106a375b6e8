import type { Place } from "../stand/place.ts";
import { runPod } from "./migrator-pod.ts";
import { runningRelease } from "./running-release.ts";
import { upgrade } from "./upgrade.ts";
import type { Order } from "./way.ts";

/** Page up and blog down, migrate, blog up, page down. What fails on the way leaves the page up. */
export async function behindPage(place: Place, order: Order): Promise<void> {
  const running = await runningRelease(place);
  const page = { holdingPage: { up: true } };
  await upgrade(place, { ...order, release: running }, { more: { ...page, blog: { replicaCount: 0 } } });
  const selector = "app.kubernetes.io/instance=blog,app.kubernetes.io/component=web";
  await place.kubectl("wait", "pods", "-l", selector, "--for=delete", "--timeout=60s");
  await runPod(place, order.release);
  await upgrade(place, order, { more: page });
  await upgrade(place, order);
}
