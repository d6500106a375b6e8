import { join } from "node:path";
import { root } from "../paths.ts";

/** What is restarted, watched and asked. */
export interface Service {
  deployment: string;
  /** Labels of its pods, and of the Jobs of its chart, as a selector each. */
  pods: string;
  jobs: string;
  /** File of its routes (../load/adapter.ts), an absolute path. */
  adapter: string;
}

export const theBlog: Service = {
  deployment: "blog",
  pods: "app.kubernetes.io/instance=blog,app.kubernetes.io/component=web",
  jobs: "app.kubernetes.io/instance=blog",
  adapter: join(root, "e2e/k6/adapters/blog.ts"),
};
