/** Resolves once all that was written has been read, or nobody reads any more: a pipe takes 64 KiB, the rest waits in this process. */
export async function flushed(): Promise<void> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(streams.map((stream) => new Promise<void>((done) => stream.write("", () => done()))));
}
