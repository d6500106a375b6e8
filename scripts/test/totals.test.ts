import { expect, test } from "vitest";
import { junitTotals, vitestTotals } from "../lib/tests/totals.ts";

test("a test file that cannot be loaded counts as a failure", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    testResults: [
      { status: "passed", assertionResults: [{ status: "passed" }] },
      { status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] },
      { status: "failed", assertionResults: [] },
    ],
  };
  expect(vitestTotals(report)).toEqual({ passed: 3, failed: 2 });
});

test("JUnit suites are added up, errors are failures", () => {
  const xml = `<testsuites><testsuite name="a" tests="5" failures="1" errors="1"></testsuite><testsuite tests="2" failures="0" errors="0" name="b"/></testsuites>`;
  expect(junitTotals(xml)).toEqual({ passed: 5, failed: 2 });
});
