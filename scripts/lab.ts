import { redraw } from "./lab/redraw.ts";
import { runLab } from "./lab/run.ts";
import { verb } from "./lib/verb.ts";

await verb(process.env.REDRAW ? redraw : runLab);
