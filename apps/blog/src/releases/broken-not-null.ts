import * as v2 from "./v2.ts";
import * as v3 from "./v3.ts";

/** v3's code, whose writes always have a category. Those of the code that is still running do not. */
export const version = "broken-not-null";
export const api = v3.api;
export const features = v3.features;
export const seeds = v3.seeds;
export const migrations = [...v2.migrations, "RequireCategoryAtOnce1766000000000"];
