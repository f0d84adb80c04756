// The page of jobs: asks how far they are while it is looked at, and writes what changed.

import { all, el, figure, one, show } from "../shared/dom.js";

const EVERY_MS = 3000;
const FIGURES = ["words", "progress", "left", "reason"];
const root = one("#jobs");

/** Writes into each row what is known of its job now; a row whose job is over fades. */
export function paint(jobs) {
  const known = new Map(jobs.map((job) => [job.key, job]));
  for (const row of all("[data-job]", root)) {
    const job = known.get(row.dataset.job);
    known.delete(row.dataset.job);
    if (job) write(row, job);
    else row.classList.add("is-over");
  }
  offer(known.size);
}

function write(row, job) {
  for (const name of FIGURES) figure(name, job[name], row);
  const pill = one(".pill", row);
  if (pill.dataset.state !== job.state) pill.dataset.state = job.state;
  const bar = one("progress", row);
  if (bar && job.percent !== null) bar.setAttribute("value", String(job.percent));
}

/** New jobs wait for a click, so that no row jumps under the pointer. */
function offer(count) {
  const note = one("#changes");
  show(note, count > 0);
  if (!count) return;
  note.replaceChildren(
    count === 1 ? "1 new job. " : `${count} new jobs. `,
    el("button", { type: "button", class: "link", click: () => window.location.reload() }, "Show"),
  );
}

async function look() {
  if (!document.hidden) {
    const response = await fetch(root.dataset.url).catch(() => null);
    const answer = response?.ok ? await response.json().catch(() => null) : null;
    if (answer) paint(answer.jobs);
  }
  window.setTimeout(look, EVERY_MS);
}

if (root) window.setTimeout(look, EVERY_MS);
