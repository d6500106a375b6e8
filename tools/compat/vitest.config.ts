import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

// Each test plays whole rollouts: a server and a dozen processes one after the other.
export default mergeConfig(shared, { test: { testTimeout: 180_000 } });
