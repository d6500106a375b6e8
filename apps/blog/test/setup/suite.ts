import { it } from "vitest";
import { createClient } from "../../api-suite/client.ts";
import * as v1 from "../../api-suite/v1.ts";
import * as v2 from "../../api-suite/v2.ts";
import * as v3 from "../../api-suite/v3.ts";
import { type ReleaseName, releases } from "./database.ts";

const suites: Record<string, typeof v1> = { v1, v2, v3 };

/** A release's API suite as tests, against the blog at some URL. */
export function suiteOf(name: ReleaseName, url: () => string): void {
  for (const { name: title, run } of suites[releases[name].api]?.suite ?? [])
    it(title, () => run(createClient(url())));
}
