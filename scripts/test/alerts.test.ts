import { expect, test } from "vitest";
import { promtoolTotals } from "../lib/tests/alerts.ts";

test("a case with two failed assertions is one failure, a file that cannot be read another", () => {
  const xml = [
    '<testsuites><testsuite name="a.yaml" tests="3" failures="2" errors="0" skipped="0" timestamp="">',
    '<testcase name="holds"></testcase><testcase name="does not"><failure>one &lt;error&gt;</failure>',
    '<failure>two</failure></testcase><testcase name="says &lt;failure&gt;"></testcase></testsuite>',
    '<testsuite name="b.yaml" tests="1" failures="0" errors="1" skipped="0" timestamp="">',
    '<testcase name="unknown"><error>no such\nfile</error></testcase></testsuite></testsuites>',
  ].join("");
  expect(promtoolTotals(xml)).toEqual({ passed: 2, failed: 2 });
});

test("no report is no tests", () => {
  expect(promtoolTotals("")).toEqual({ passed: 0, failed: 0 });
});
