import { runLab } from "./lab/run.ts";
import { verb } from "./lib/verb.ts";

await verb(runLab);
