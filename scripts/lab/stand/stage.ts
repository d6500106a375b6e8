import type { Rates } from "../../lib/load/rates.ts";
import type { Environment } from "../../lib/report/record/environment.ts";
import type { Stage as Common } from "../../lib/stage.ts";

/** What all cells stand on. */
export interface Stage extends Common {
  /** Images that migrate when they start, by release. */
  startup: Record<string, string>;
  k6: string;
  /** Path of Helm 3; the cluster's own helm is 4. */
  helm3: string;
  /** The same load for all of them. */
  rates: Rates;
  build: string;
  /** The same for all of them; found out in the first. */
  environment?: Environment;
  /** The end of the cell before, which the next one prepares beside, but is not measured beside. */
  ending?: Promise<void>;
  /** Where cells and the load's raw output go. */
  folder: string;
}
