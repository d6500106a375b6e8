import type { Adapter, Stored } from "@schema-rollout/scripts/lib/load/adapter.ts";

/** The routes of the blog. */
export default {
  versionHeader: "x-app-version",
  ready: "/readyz",
  create: {
    send: (post) => ({ method: "POST", path: "/api/posts", json: post }),
    id: ({ status, json }, { body }) =>
      status === 201 && json?.id && json.body === body ? String(json.id) : undefined,
  },
  read: {
    send: (id) => ({ method: "GET", path: `/api/posts/${id}` }),
    right: ({ status, json }, id, title) => status === 200 && json?.id === id && json.title === title,
  },
  edit: {
    send: (id, post) => ({ method: "PUT", path: `/api/posts/${id}`, json: post }),
    done: ({ status, json }, { body }) => status === 200 && json?.body === body,
  },
  remove: {
    send: (id) => ({ method: "DELETE", path: `/api/posts/${id}` }),
    done: ({ status }) => status === 204,
  },
  list: {
    send: () => ({ method: "GET", path: "/api/posts?limit=10" }),
    right: ({ status, json }) => status === 200 && Array.isArray(json?.items) && json.items.length > 0,
  },
  page: {
    send: () => ({ method: "GET", path: "/" }),
    right: ({ status, text }) => status === 200 && text.includes("</html>"),
  },
  all: {
    send: (next) => ({
      method: "GET",
      path: `/api/posts?limit=100${next ? `&after=${encodeURIComponent(next)}` : ""}`,
    }),
    entries: ({ json }) => ({
      entries: json?.items as Stored[],
      next: (json?.next as string | null) ?? undefined,
    }),
  },
} satisfies Adapter;
