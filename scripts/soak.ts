import { targetFrom } from "./lib/cluster/target.ts";
import { verb } from "./lib/verb.ts";
import { runSoak } from "./soak/run.ts";

await verb("soak", runSoak, { checks: [() => targetFrom(process.env)] });
