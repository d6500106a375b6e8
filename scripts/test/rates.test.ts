import { expect, test } from "vitest";
import { carriedBy, ratesFor, split, usualRates } from "../lib/load/rates.ts";

test("a machine as quick as the one it was measured on gets all of the load, a slower one less", () => {
  expect([20, 27, 40].map(carriedBy)).toEqual([225, 225, 225]);
  expect([60, 110, 170].map(carriedBy)).toEqual([129, 80, 56]);
  // What a verdict needs.
  expect(carriedBy(10_000)).toBe(40);
});

test("RATE is taken as it is, a fifth of it on new connections", () => {
  expect(usualRates({ RATE: "100" })).toEqual({ reused: 80, new: 20 });
  for (const RATE of ["39", "1e9", "many", "70.5"])
    expect(() => usualRates({ RATE }), RATE).toThrow("requests per second, a whole number from 40 to 5000");
});

test("without RATE this machine is measured, once", () => {
  const rates = usualRates({});
  expect(rates.reused + rates.new).toBeGreaterThanOrEqual(40);
  expect(rates.reused + rates.new).toBeLessThanOrEqual(225);
  expect(usualRates({ RATE: "" })).toEqual(rates);
  expect(split(225)).toEqual({ reused: 180, new: 45 });
  expect(usualRates({}, 0.01)).toEqual(split(40));
});

test("a service that answers little gets half of that, whatever a process takes to start", () => {
  const usual = usualRates({});
  expect(ratesFor(10_000, 1, {})).toEqual(usual);
  expect(ratesFor(80, 1, {})).toEqual(split(40));
  expect(ratesFor(0, 1, {})).toEqual(split(40));
  // What was told is not second-guessed.
  expect(ratesFor(100, 1, { RATE: "225" })).toEqual(split(225));
});
