import { type Logger, pino } from "pino";

export type Log = Logger;

/** One JSON line an event. Requests are logged when they fail; at `debug`, all of them. */
export const createLog = (level: string, version: string): Log =>
  pino({
    level,
    base: { version },
    timestamp: pino.stdTimeFunctions.isoTime,
    // Not all of the error: TypeORM's carry the query's parameters, which are what people wrote.
    serializers: {
      err: (error: Error & { code?: string }) => ({
        type: error.name,
        code: error.code,
        message: error.message,
        stack: error.stack,
      }),
    },
  });
