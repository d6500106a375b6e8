import type { Feature } from "../feature.ts";
import { postsApi } from "./api.ts";
import type { Posts } from "./describe.ts";
import { postsPages } from "./pages.ts";

export const postsFeature = (posts: Posts): Feature => ({
  entities: [posts.entity],
  nav: [
    { href: "/", label: "Posts" },
    { href: "/posts/new", label: "Write" },
  ],
  api: (blog) => postsApi(blog, posts),
  pages: (blog) => postsPages(blog, posts),
});
