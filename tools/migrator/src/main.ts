import { cli } from "./cli.ts";

// The one place that ends the process: a command that left a timer or a socket behind does not keep it alive.
cli(process.argv).then((code) => process.exit(code));
