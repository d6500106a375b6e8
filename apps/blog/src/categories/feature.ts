import type { Feature } from "../feature.ts";
import type { Posts } from "../posts/describe.ts";
import { categoriesApi } from "./api.ts";
import { categoryEntity } from "./category.ts";
import { categoriesPages } from "./pages.ts";

export const categoriesFeature = (posts: Posts): Feature => ({
  entities: [categoryEntity],
  nav: [{ href: "/categories", label: "Categories" }],
  api: (blog) => categoriesApi(blog, posts),
  pages: (blog) => categoriesPages(blog, posts),
});
