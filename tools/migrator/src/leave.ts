/** Work of the thread pool that may never end: an address that is looked up, a file that is opened. */
const pooled = /^(GetAddrInfoReq|FSReq)/;

let abandoned = false;

/** A thread of ours did not end when it was told to: it waits for work of that kind, and nothing shows it from outside. */
export const threadAbandoned = () => {
  abandoned = true;
};

/**
 * Ends the process now. process.exit waits for the thread pool, and where no name server answers, or a file system is gone,
 * that is a minute or for ever. Then another program takes the place of this one, threads and all, which does nothing
 * but end with the code.
 */
export function leave(code: number): never {
  if (process.execve && (abandoned || process.getActiveResourcesInfo().some((name) => pooled.test(name))))
    process.execve(process.execPath, [process.execPath, "-e", `process.exit(${code})`], {});
  process.exit(code);
}
