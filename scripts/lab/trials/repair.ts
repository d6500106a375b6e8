import { Failure } from "../../lib/failure.ts";
import type { Repair } from "../cell.ts";
import type { Place } from "../stand/place.ts";
import { merged } from "../stand/values.ts";
import { ways } from "../ways/index.ts";
import type { Order } from "../ways/way.ts";

/** Deploys the same release again: plainly, and if that does not work in other ways, and as the strategy's page says. */
export async function deployedAgain(place: Place, order: Order, cause?: string): Promise<Repair> {
  const { deploy, variants = [], remedy } = ways[place.strategy];
  const repair: Repair = { ...(cause && { cause }), attempts: [] };
  const attempt = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
      repair.attempts.push({ what, worked: true });
      return true;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      repair.attempts.push({ what, worked: false, said: error.message.slice(-400) });
      return false;
    }
  };
  if (await attempt("the same deploy", () => deploy(place, order))) return repair;
  for (const variant of variants)
    if (await attempt(variant.what, () => variant.deploy(place, order))) return repair;
  if (remedy)
    await attempt(remedy.what, async () => {
      await remedy.prepare?.(place, order);
      await deploy(place, { ...order, values: merged(order.values ?? {}, remedy.values ?? {}) });
    });
  return repair;
}
