import { expect, test } from "vitest";
import { lengthOf } from "../lib/load/answer-length.ts";

const sized = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345";
const chunked =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n3\r\nabc\r\n0\r\n\r\n";

test.each([
  ["sized", sized],
  ["chunked", chunked],
])("a %s answer is known to be whole at its last byte and not before", (_, answer) => {
  const whole = (bytes: Buffer) => {
    const { length = Number.POSITIVE_INFINITY } = lengthOf(bytes) ?? {};
    return bytes.length >= length;
  };
  for (let bytes = 0; bytes < answer.length; bytes++) {
    expect(whole(Buffer.from(answer.slice(0, bytes)))).toBe(false);
  }
  expect(lengthOf(Buffer.from(`${answer}HTTP/1.1 200 OK`))).toEqual({ length: answer.length, closes: false });
});

test("a server that says so closes", () => {
  expect(lengthOf(Buffer.from(sized.replace("\r\n", "\r\nConnection: Close\r\n")))?.closes).toBe(true);
});

test("without a length the answer ends where the connection does", () => {
  expect(lengthOf(Buffer.from("HTTP/1.1 200 OK\r\n\r\n123"))).toEqual({ length: undefined, closes: false });
});
