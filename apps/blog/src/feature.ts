import type { Router } from "express";
import type { DataSource, EntitySchema } from "typeorm";
import type { Markdown } from "./markdown/markdown.ts";

export interface NavLink {
  readonly href: string;
  readonly label: string;
}

/** What every feature's routes may use. */
export interface Blog {
  readonly db: DataSource;
  readonly markdown: Markdown;
  readonly version: string;
  readonly level: string;
  readonly nav: readonly NavLink[];
}

/** One folder of src/ that a release can have or lack. */
export interface Feature {
  readonly entities: readonly EntitySchema[];
  readonly nav: readonly NavLink[];
  /** JSON routes, mounted below /api. */
  api(blog: Blog): Router;
  /** Server-rendered pages, mounted at the root. */
  pages(blog: Blog): Router;
}
