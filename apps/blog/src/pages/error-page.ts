import type { Blog } from "../feature.ts";
import type { Problem } from "../problems/problem.ts";
import { html } from "./html.ts";
import { renderPage } from "./layout.ts";

export const errorPage = (blog: Blog, problem: Problem): Promise<string> =>
  renderPage(blog, {
    title: problem.title,
    main: html`<section class="empty">
<p class="status">${problem.status}</p>
<h1>${problem.title}</h1>
<p>${problem.message}</p>
<p><a class="button" href="/">To the newest posts</a></p>
</section>`,
  });
