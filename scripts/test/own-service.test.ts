import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { factsOf, labelOf } from "../lib/own-service/facts.ts";
import { ownServiceFrom } from "../lib/own-service/settings.ts";
import { root } from "../lib/paths.ts";

const images = {
  FROM_IMAGE: "registry.example/shop:1.0",
  TO_IMAGE: "registry.example/shop:1.1",
  FROM_MIGRATIONS: "registry.example/shop-migrations:1.0",
  TO_MIGRATIONS: "registry.example/shop-migrations@sha256:abc",
};

describe("the environment", () => {
  test("that names no service leaves it to the fixture", () => {
    expect(ownServiceFrom({ ONLY: "own-service", FROM_IMAGE: "" })).toBeUndefined();
  });
  test("names images and files, with a chart to begin with", () => {
    expect(ownServiceFrom({ ...images, ADAPTER: "README.md" })).toEqual({
      from: { app: "registry.example/shop:1.0", migrations: "registry.example/shop-migrations:1.0" },
      to: { app: "registry.example/shop:1.1", migrations: "registry.example/shop-migrations@sha256:abc" },
      adapter: join(root, "README.md"),
      chart: join(root, "charts/examples/orders"),
      values: undefined,
    });
    const own = { ...images, ADAPTER: "README.md", CHART: "charts/blog", VALUES: "charts/blog/values.yaml" };
    expect(ownServiceFrom(own)).toMatchObject({
      chart: join(root, "charts/blog"),
      values: join(root, "charts/blog/values.yaml"),
    });
  });
  test("hears of all that is missing or wrong at once", () => {
    const half = { FROM_IMAGE: "shop:1", TO_IMAGE: "shop 2", ADAPTER: "nowhere.ts", VALUES: "no.yaml" };
    for (const fault of [
      /FROM_MIGRATIONS is missing: the migrator image of the release that runs/,
      /TO_MIGRATIONS is missing/,
      /TO_IMAGE names an image/,
      /ADAPTER is not there: .*nowhere\.ts/,
      /VALUES is not there: .*no\.yaml/,
      /docs\/your-own-service\.md/,
    ])
      expect(() => ownServiceFrom(half)).toThrow(fault);
    expect(() => ownServiceFrom(half)).not.toThrow(/FROM_IMAGE/);
    expect(() => ownServiceFrom({ CHART: "charts/blog" })).toThrow(/ADAPTER is missing: the file/);
  });
});

describe("a release's facts", () => {
  const manifest = (...phases: string[]) =>
    JSON.stringify({
      version: 1,
      schemaKey: "Add1760000000000",
      level: "1760000000001",
      migrations: phases.map((phase) => ({ phase })),
    });
  test("come from the manifest in its migrator image", () => {
    expect(factsOf(manifest("expand"), "m:1")).toEqual({
      schemaKey: "Add1760000000000",
      level: "1760000000001",
      contract: false,
    });
    expect(factsOf(manifest("expand", "backfill"), "m:1").contract).toBe(true);
  });
  test("are not guessed", () => {
    for (const text of ["", "{}", manifest()])
      expect(() => factsOf(text, "m:1")).toThrow(/migrations\.json of m:1 is not one/);
  });
  test("have the image's tag as a label, which must be one", () => {
    expect(labelOf("host:5000/shop:v1.2_rc-1")).toBe("v1.2_rc-1");
    expect(labelOf("host:5000/shop")).toBe("");
    expect(labelOf("shop:1.2@sha256:0123")).toBe("1.2");
    expect(labelOf(`shop:_${"a".repeat(70)}`)).toBe("a".repeat(62));
  });
});
