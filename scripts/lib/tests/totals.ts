import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { root } from "../paths.ts";

export interface Totals {
  passed: number;
  failed: number;
  /** What is known of those that failed, a line each: "file › test: what it said first". */
  failures?: string[];
}

export const none: Totals = { passed: 0, failed: 0 };

export const add = (a: Totals, b: Totals): Totals => {
  const failures = [...(a.failures ?? []), ...(b.failures ?? [])];
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    ...(failures.length > 0 && { failures }),
  };
};

const vitest = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string().default(""),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string().default(""),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

type TestFile = z.infer<typeof vitest>["testResults"][number];

/** Counts vitest's JSON report. A file that could not even be loaded has no tests in it; it counts as one failure. */
export function vitestTotals(report: unknown): Totals {
  const { numPassedTests, numFailedTests, testResults } = vitest.parse(report);
  const failed = testResults.filter(({ status }) => status === "failed");
  const broken = failed.filter((file) => failedTests(file).length === 0);
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    ...(failed.length > 0 && { failures: failed.flatMap(failuresOf) }),
  };
}

const failedTests = ({ assertionResults }: TestFile) =>
  assertionResults.filter(({ status }) => status === "failed");

function failuresOf(file: TestFile): string[] {
  const path = relative(root, file.name);
  const tests = failedTests(file);
  if (tests.length === 0) return [`${path}: ${firstLine(file.message)}`];
  return tests.map((test) => `${path} › ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? "")}`);
}

const firstLine = (text: string) => stripVTControlCharacters(text).split("\n")[0] ?? "";

/** Counts a JUnit report by the attributes of its suites. */
export function junitTotals(xml: string): Totals {
  let totals = none;
  for (const [suite] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    const count = (name: string) => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = count("failures") + count("errors");
    totals = add(totals, { passed: count("tests") - failed, failed });
  }
  return totals;
}

/** What every test run ends with. */
export const lastLine = ({ passed, failed }: Totals): string => `${passed} passed, ${failed} failed`;
