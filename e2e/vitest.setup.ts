import { afterEach } from "vitest";
import { keepEvidence } from "./scenario/evidence.ts";

// While the namespace is still there: a file's own hooks remove it after its last test.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepEvidence(task.name);
});
