import { mergeConfig } from "vitest/config";
import { shared } from "../../vitest.shared.ts";

// The first server ever adds a user as root, and makes the archive others begin with: one file after the other.
export default mergeConfig(shared, { test: { fileParallelism: false } });
