import { Router } from "express";
import type { Blog } from "../feature.ts";
import { sendPage } from "../pages/layout.ts";
import { allowing } from "../pages/security.ts";
import { script } from "./script.ts";
import { liveStyle as style } from "./style.ts";
import { liveView as main } from "./view.ts";

/** /live: which release answers, drawn as it happens. Every release has it, since each is one end of a rollout. */
export function livePage(blog: Blog): Router {
  const router = Router();
  router.get("/live", allowing({ style, script }), async (_request, response) => {
    await sendPage(response, blog, { title: "Live", main, style, script });
  });
  return router;
}
