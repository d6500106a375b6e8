export interface Answer {
  /** What was asked, for messages: `GET /api/posts`. */
  request: string;
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is what the tests are about
  json: any;
}

export type Client = ReturnType<typeof createClient>;

/** Longer than the blog lets a statement wait, so that a lock shows as its answer and not as our impatience. */
const patienceMs = 15_000;

export function createClient(base: string) {
  async function send(path: string, init: RequestInit = {}): Promise<Answer> {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(base + path, { redirect: "manual", signal, ...init });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return {
      request: `${init.method ?? "GET"} ${path}`,
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  }
  const json = (method: string) => (path: string, body: unknown) =>
    send(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  return {
    send,
    get: (path: string) => send(path),
    post: json("POST"),
    put: json("PUT"),
    delete: (path: string) => send(path, { method: "DELETE" }),
    /** Posts a form as a browser does. */
    form: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      send(path, { method: "POST", body: new URLSearchParams(fields), headers }),
  };
}
