import { expect, it } from "vitest";
import { play } from "./support.ts";

it("plays the contract: it waits for the old code, then keeps it out", async () => {
  const { code, checks } = await play("one", "narrows");
  expect(checks.slice(-5).map(({ name, outcome }) => `${outcome} ${name}`)).toEqual([
    "green narrows's contract run, with one alive",
    "green one and narrows go on after it",
    "green narrows's contract run, with one gone",
    "green narrows goes on after it",
    "green one is kept out",
  ]);
  expect(code).toBe(0);
});

it("is red when a contract does not wait for the old code", async () => {
  const hasty = await play("one", "hasty");
  expect(hasty.red).toEqual(["one and hasty go on after it"]);
});

it("is red when a contract waits for ever", async () => {
  const stuck = await play("one", "stuck");
  expect(stuck.red).toEqual(["stuck's contract run, with one gone", "one is kept out"]);
});
