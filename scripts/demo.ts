import { runDemo, upgradeFrom } from "./demo/run.ts";
import { targetFrom } from "./lib/cluster/target.ts";
import { verb } from "./lib/verb.ts";

await verb("demo", runDemo, { checks: [() => upgradeFrom(process.env), () => targetFrom(process.env)] });
