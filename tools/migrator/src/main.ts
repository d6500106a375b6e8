import { cli } from "./cli.ts";

// Node's own code for work that is never done: were nothing left to wait for, a Job would pass for finished.
process.exitCode = 13;
// The one place that ends the process: a command that left a timer or a socket behind does not keep it alive.
cli(process.argv).then((code) => process.exit(code));
