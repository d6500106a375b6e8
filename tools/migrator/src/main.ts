import { cli } from "./cli.ts";
import { end, refuseOtherEnds, tellError } from "./ending.ts";

refuseOtherEnds();
cli(process.argv)
  .catch((error) => tellError(error).exitCode)
  .then(end);
