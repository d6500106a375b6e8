import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import * as z from "zod";

const frontMatter = z.strictObject({
  title: z.string().min(1),
  date: z.iso.datetime(),
  category: z.string().min(1).optional(),
});

export type SourcePost = z.infer<typeof frontMatter> & { body: string };

/** The posts in posts/*.md, oldest first. The build puts the list itself in this module's place. */
export const posts: SourcePost[] = readPosts(new URL("./posts/", import.meta.url));

function readPosts(folder: URL): SourcePost[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => readPost(name, readFileSync(new URL(name, folder), "utf8")))
    .sort((a, b) => a.date.localeCompare(b.date));
}

function readPost(name: string, source: string): SourcePost {
  const parts = /^---\n(.*?)\n---\n+(.*)$/s.exec(source);
  const read = frontMatter.safeParse(parts && parse(parts[1] ?? ""));
  if (!parts || !read.success)
    throw new Error(`content/posts/${name} needs title and date between two lines of ---.`);
  return { ...read.data, body: (parts[2] ?? "").trimEnd() };
}
