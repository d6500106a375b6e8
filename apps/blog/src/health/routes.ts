import { Router } from "express";
import type { DataSource } from "typeorm";

interface Health {
  db: DataSource;
  isDraining: () => boolean;
}

/**
 * /livez says only that the event loop turns: a restart mends no database.
 *
 * /readyz says that the pool has been opened (it is, before the process listens) and that the process is not
 * leaving. It sends no query: under load a probe would queue behind requests and take a busy replica out, and a
 * database that is away is away for every replica, so taking all of them out would only turn a clear 503 into a
 * refused connection. It never reads the floor: that is the presence session's matter.
 */
export function healthRoutes({ db, isDraining }: Health): Router {
  const router = Router();
  router.get("/livez", (_request, response) => void response.type("text").send("alive\n"));
  router.get("/readyz", (_request, response) => {
    if (isDraining()) response.status(503).type("text").send("draining\n");
    else if (!db.isInitialized) response.status(503).type("text").send("database pool not open\n");
    else response.type("text").send("ready\n");
  });
  return router;
}
