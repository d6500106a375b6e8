import { z } from "zod";

export interface Totals {
  passed: number;
  failed: number;
}

export const none: Totals = { passed: 0, failed: 0 };

export const add = (a: Totals, b: Totals): Totals => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
});

const vitest = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/** Counts vitest's JSON report. A file that could not even be loaded has no tests in it; it counts as one failure. */
export function vitestTotals(report: unknown): Totals {
  const { numPassedTests, numFailedTests, testResults } = vitest.parse(report);
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((test) => test.status === "failed"),
  ).length;
  return { passed: numPassedTests, failed: numFailedTests + broken };
}

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
