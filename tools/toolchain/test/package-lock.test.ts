import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

type Packages = Record<string, { optionalDependencies?: Record<string, string> }>;

test("package-lock.json names the packages of every platform: without them npm ci refuses it", () => {
  // npm leaves a platform's package out when the registry it asks does not have it, as a partial mirror may not.
  const file = fileURLToPath(new URL("../../../package-lock.json", import.meta.url));
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as { packages: Packages };
  const missing = Object.entries(packages).flatMap(([parent, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages || `${parent}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});
