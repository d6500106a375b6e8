import type { Response } from "express";
import type { Blog } from "../feature.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import { style } from "./style.ts";

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E%3Cpath d='M4 5h8M4 8h8M4 11h5' stroke='white' stroke-width='1.5'/%3E%3C/svg%3E";

interface Page {
  title: string;
  main: Html | Promise<Html>;
  /** Path of the navigation link that this page belongs to. */
  current?: string;
  /** Of this page alone; its route must allow them. */
  style?: string;
  script?: string;
}

export async function sendPage(response: Response, blog: Blog, page: Page): Promise<void> {
  response.type("html").send(await renderPage(blog, page));
}

export async function renderPage(blog: Blog, page: Page): Promise<string> {
  const { title, main, current, style: more, script } = page;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Rolling Notes</title>
<link rel="icon" href="${trusted(icon)}">
<style>${trusted(style)}</style>${more ? html`<style>${trusted(more)}</style>` : nothing}
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header class="top"><div class="wrap">
<a class="brand" href="/">Rolling Notes</a>
<nav aria-label="Main">${blog.nav.map(({ href, label }) => link(href, label, href === current))}</nav>
</div></header>
<main id="main" class="wrap" tabindex="-1">${main}</main>
<footer>
<p class="wrap">Served by release <strong class="version">${blog.version}</strong>, which knows the schema up to <code>${blog.level}</code>. <a href="/live">Watch who answers</a></p>
</footer>
${script ? html`<script type="module">${trusted(script)}</script>` : nothing}
</body>
</html>
`;
  return String(await document);
}

const link = (href: string, label: string, current: boolean) =>
  current ? html`<a href="${href}" aria-current="page">${label}</a>` : html`<a href="${href}">${label}</a>`;
