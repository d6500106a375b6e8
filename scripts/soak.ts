import { verb } from "./lib/verb.ts";
import { runSoak } from "./soak/run.ts";

await verb(runSoak);
