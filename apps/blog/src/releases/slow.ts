import * as v2 from "./v2.ts";

/** Its migration takes longer than the patience of `helm upgrade --wait --timeout 15s`, and harms nobody. */
export const version = "slow";
export const api = v2.api;
export const features = () => v2.features();
export const seeds = v2.seeds;
export const migrations = [...v2.migrations, "IndexPostsByUpdate1769000000000"];
