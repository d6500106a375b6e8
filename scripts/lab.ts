import { redraw } from "./lab/redraw.ts";
import { runLab } from "./lab/run.ts";
import { chosen } from "./lab/selection.ts";
import { targetFrom } from "./lib/cluster/target.ts";
import { valuesOf } from "./lib/settings/read.ts";
import { verb } from "./lib/verb.ts";

await verb("lab", (verb) => (valuesOf(process.env, ["REDRAW"]).REDRAW ? redraw() : runLab(verb)), {
  checks: [() => chosen(process.env.ONLY), () => targetFrom(process.env)],
});
