import fc from "fast-check";
import { expect, test } from "vitest";
import { TooLong } from "../src/watch/gather.ts";
import { slimmer, TooDeep, type Wanted } from "../src/watch/slim.ts";

const WANTED: Wanted = { a: "all", b: { a: "all", c: { b: "all" } }, "": { a: "all" } };

/** The text in pieces of these sizes. */
function slim(text: string | Buffer, sizes: readonly number[] = [7], options = {}): string {
  const slimming = slimmer("an answer", WANTED, options);
  const bytes = Buffer.from(text as string);
  for (let [at, n] = [0, 0]; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? 1;
    slimming.add(bytes.subarray(at, at + size));
    at += size;
  }
  return slimming.take();
}

/** The same by way of the whole document. */
function pick(value: unknown, wanted: Wanted | "all"): unknown {
  if (wanted === "all" || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => pick(one, wanted));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      Object.hasOwn(wanted, name) ? pick(one, wanted[name] ?? "all") : null,
    ]),
  );
}

const name = fc.constantFrom("a", "b", "c", "", "__proto__", "x{", 'y"', "z\\");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "\\", "日本"),
      fc.string(),
      fc.double(),
      fc.boolean(),
    ),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4 }),
  ),
}));

test("what is kept of a document is what is wanted of it, however it is written and cut", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(value, sizes, fc.constantFrom(undefined, 2), (document, cut, indent) => {
      // Through JSON, which has no -0 and no undefined.
      const text = JSON.stringify(document, undefined, indent);
      expect(JSON.parse(slim(text, cut))).toEqual(pick(JSON.parse(text), WANTED));
    }),
    { numRuns: 2_000 },
  );
});

test("a document that is cut short is none, wherever it is cut, nor are two", () => {
  const text = JSON.stringify({ x: [{ y: "}" }, 1], b: { c: { b: [1, "}"] }, z: {} }, a: '"' });
  for (let end = 1; end < text.length; end += 1) {
    expect(() => JSON.parse(slim(text.slice(0, end))), text.slice(0, end)).toThrow(SyntaxError);
  }
  expect(() => JSON.parse(slim(`${text}${text}`))).toThrow(SyntaxError);
  expect(() => JSON.parse(slim(`${text}]`))).toThrow(SyntaxError);
});

test("one after the other, with nothing left of the first", () => {
  const slimming = slimmer("a line", WANTED);
  for (const end of ['{"x":[{"', '{"a":1}', '{"b":{"c":{', '"a', '{"a":2}']) {
    slimming.add(Buffer.from(end));
    const kept = slimming.take();
    if (end.endsWith("}") && end.startsWith('{"a"')) expect(kept).toBe(end);
  }
});

test("nothing is kept of what nobody reads, and what is read is bounded, in size and depth", () => {
  const long = "x".repeat(100_000);
  expect(slim(`{"x":"${long}","y":${"[".repeat(50_000)}${"]".repeat(50_000)},"a":1}`)).toBe(
    '{"x":null,"y":null,"a":1}',
  );
  expect(() => slim(`{"x":"${long}"}`, [7], { longest: 1_000 })).toThrow(TooLong);
  expect(() => slim(`{"a":"${long}"}`, [7], { mostKept: 1_000 })).toThrow(TooLong);
  expect(() => slim(`{"${long}":1}`, [7], { mostKept: 1_000 })).toThrow(TooLong);
  expect(() => slim(`{"a":${"[".repeat(100)}`)).toThrow(TooDeep);
});

test("a field is not taken for one of every object", () => {
  expect(slim('{"toString":{"a":1},"constructor":[],"__proto__":{"a":1}}')).toBe(
    '{"toString":null,"constructor":null,"__proto__":null}',
  );
});
