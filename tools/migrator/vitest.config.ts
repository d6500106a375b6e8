import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

// One PostgreSQL for all test files; each test makes a database of its own in it.
export default mergeConfig(shared, { test: { globalSetup: ["test/support/server.ts"] } });
