// Runs in the browser, as it stands here. Asks who answers, again and again, and draws one mark for each answer.

/** Milliseconds. */
const pause = 250;
const patience = 5000;
/**
 * Whose answer is not among the last so many is gone: ten seconds of them, enough for chance to lead to each of a few
 * pods. Answers, not time, since nobody is gone only because nobody asked.
 */
const memory = 40;
/** A minute. */
const marks = 240;
const shapes = 4;
const remembered = 8;

/** @typedef {{ mark: string, count: number, last: number, lastOf: number, active: boolean, cells: HTMLElement[] }} Row */
/** @typedef {{ at: number, text: string }} Change */
/** By what the row is called: a release, or `failed`. @type {Map<string, Row>} */
const rows = new Map();
const failed = "failed";

const grid = find("answers");
const table = find("counts");
const summary = find("summary");
const list = find("changes");
const button = find("pause");

/** Latest first. @type {Change[]} */
let changes = [];
let answers = 0;
for (let n = 0; n < marks; n++) addPlace();
let timer = setInterval(ask, pause);
let running = true;

button.hidden = false;
button.addEventListener("click", () => {
  running = !running;
  if (running) timer = setInterval(ask, pause);
  else clearInterval(timer);
  button.textContent = running ? "Pause" : "Go on";
});

async function ask() {
  const place = nextPlace();
  const { by, what } = await answer();
  const row = rows.get(by) ?? addRow(by);
  const now = Date.now();
  if (!row.active) change(now, begins(by, what, row.count > 0));
  answers += 1;
  Object.assign(row, { count: row.count + 1, last: now, lastOf: answers, active: true });
  place.className = row.mark;
  place.title = `${time(now)} ${what}`;
  show(row);
  for (const [name, { active, lastOf, last }] of rows)
    if (active && lastOf <= answers - memory) end(name, last);
  tell();
}

/** Who answered, or `failed`; and what to call it. @returns {Promise<{ by: string, what: string }>} */
async function answer() {
  try {
    // Asked to, the server closes the connection: the next one may lead to another pod.
    const response = await fetch("/api/version?connection=close", {
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
    await response.text();
    const version = response.headers.get("x-app-version");
    if (response.ok && version) return { by: version, what: version };
    return { by: failed, what: `${response.status} from ${version ?? "nobody we know"}` };
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    return { by: failed, what: late ? `no answer in ${patience / 1000} s` : "connection lost or refused" };
  }
}

function addPlace() {
  grid.append(document.createElement("i"));
}

/** The first that is free. Where none is, the oldest line makes room: nothing moves until the new one is full. */
function nextPlace() {
  if (!grid.querySelector("i:not([class])"))
    for (let n = Number(getComputedStyle(grid).getPropertyValue("--columns")); n > 0; n--) {
      grid.firstElementChild?.remove();
      addPlace();
    }
  const place = /** @type {HTMLElement} */ (grid.querySelector("i:not([class])"));
  place.className = "asked";
  return place;
}

/** @param {string} name @returns {Row} */
function addRow(name) {
  const releases = [...rows.keys()].filter((known) => known !== failed).length;
  const mark = name === failed ? failed : `release-${releases % shapes}`;
  const line = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  const sign = document.createElement("i");
  sign.className = mark;
  head.append(sign, name);
  const cells = ["count", "first", "last"].map(() => document.createElement("td"));
  line.append(head, ...cells);
  // Failures stay at the end, where they are looked for.
  const end = name === failed ? null : (table.querySelector(`.${failed}`)?.closest("tr") ?? null);
  table.insertBefore(line, end);
  const row = { mark, count: 0, last: 0, lastOf: 0, active: false, cells };
  rows.set(name, row);
  return row;
}

/** @param {Row} row */
function show({ count, last, cells: [number, first, latest] }) {
  if (number) number.textContent = count.toLocaleString("en");
  if (first && count === 1) first.textContent = time(last);
  if (latest) latest.textContent = time(last);
}

/** @param {string} name @param {string} what @param {boolean} again */
function begins(name, what, again) {
  if (name === failed) return `A request fails: ${what}.`;
  return `${name} answers${again ? " again" : " for the first time"}.`;
}

/** Known only some time after it happened. @param {string} name @param {number} at */
function end(name, at) {
  const row = rows.get(name);
  if (row) row.active = false;
  change(at, name === failed ? "The last request that fails." : `${name} answers for the last time.`);
}

/** @param {number} at @param {string} text */
function change(at, text) {
  changes = [{ at, text }, ...changes].sort((a, b) => b.at - a.at).slice(0, remembered);
  list.replaceChildren(
    ...changes.map(({ at, text }) => {
      const entry = document.createElement("li");
      const when = document.createElement("time");
      when.textContent = time(at);
      entry.append(when, text);
      return entry;
    }),
  );
}

/** Who answers now. It is read out whenever it changes, and only then. */
function tell() {
  const releases = [...rows].filter(([name, { active }]) => active && name !== failed).map(([name]) => name);
  const some = rows.get(failed)?.active;
  const verb = releases.length === 1 ? "answers" : "answer";
  const text =
    releases.length === 0
      ? "Every request fails."
      : `${new Intl.ListFormat("en").format(releases)} ${verb}${some ? "; some requests fail" : ""}.`;
  if (summary.textContent !== text) summary.textContent = text;
}

/** @param {number} at */
function time(at) {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** @param {string} id @returns {HTMLElement} */
function find(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no ${id}`);
  return element;
}
