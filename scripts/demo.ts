import { runDemo } from "./demo/run.ts";
import { verb } from "./lib/verb.ts";

await verb(runDemo);
