/** Work of others' threads that may never end: an address that is looked up, a file that is opened. */
const THREADED = /^(GetAddrInfoReq|FSReq)/;

/**
 * Ends the process now. process.exit waits for the threads of its pool, and where no name server answers one of them is
 * held for up to a minute: whoever sent SIGTERM would see no end, and --timeout would not be kept. Then another program
 * takes the place of this one, threads and all, which does nothing but end with the code.
 */
export function leave(code: number): void {
  if (process.execve && process.getActiveResourcesInfo().some((name) => THREADED.test(name))) {
    process.execve(process.execPath, [process.execPath, "-e", `process.exit(${code})`], {});
  }
  process.exit(code);
}
