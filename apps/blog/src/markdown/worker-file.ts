/** The program of the thread. A built release has its own in this place: see build.ts. */
export const workerFile = new URL("./worker.ts", import.meta.url);
