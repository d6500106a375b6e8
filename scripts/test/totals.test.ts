import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../lib/paths.ts";
import { add, junitTotals, vitestTotals } from "../lib/tests/totals.ts";

const passed = { status: "passed", fullName: "a passed test", failureMessages: [] };

test("a failed test is named, with what it said first", () => {
  const failed = {
    status: "failed",
    fullName: "a story its end",
    failureMessages: ["\u001b[31mAssertionError: expected 1 to be 2\u001b[39m\n    at a.test.ts:3:4"],
  };
  const file = { name: join(root, "e2e/a.test.ts"), status: "failed", assertionResults: [failed, passed] };
  expect(vitestTotals({ numPassedTests: 1, numFailedTests: 1, testResults: [file] })).toEqual({
    passed: 1,
    failed: 1,
    failures: ["e2e/a.test.ts › a story its end: AssertionError: expected 1 to be 2"],
  });
});

test("a test file that cannot be loaded counts as a failure, and says why", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 0,
    testResults: [
      { status: "passed", assertionResults: [passed] },
      {
        name: join(root, "e2e/b.test.ts"),
        status: "failed",
        message: "Cannot find package\n",
        assertionResults: [],
      },
    ],
  };
  expect(vitestTotals(report)).toEqual({
    passed: 3,
    failed: 1,
    failures: ["e2e/b.test.ts: Cannot find package"],
  });
});

test("what failed is kept when totals are added up; where nothing did, nothing is named", () => {
  const failed = { passed: 0, failed: 1, failures: ["a"] };
  expect(add(failed, add({ passed: 1, failed: 0 }, { ...failed, failures: ["b"] }))).toEqual({
    passed: 1,
    failed: 2,
    failures: ["a", "b"],
  });
  expect(add({ passed: 1, failed: 0 }, { passed: 2, failed: 0 })).toEqual({ passed: 3, failed: 0 });
});

test("JUnit suites are added up, errors are failures", () => {
  const xml = `<testsuites><testsuite name="a" tests="5" failures="1" errors="1"></testsuite><testsuite tests="2" failures="0" errors="0" name="b"/></testsuites>`;
  expect(junitTotals(xml)).toEqual({ passed: 5, failed: 2 });
});
