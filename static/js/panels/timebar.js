// The bar of time across the page: progress, history and slider in one. The strokes are drawn once
// a closed round; head and tip are elements over them.

import { el, figure, icon, one, show } from "../shared/dom.js";
import { left, number, whole } from "../shared/format.js";
import { clustered, GLYPHS, nextMark } from "../shared/marks.js";
import { mean, relativeOf } from "../shared/passes.js";
import { roundAt, strokesOf, xOf } from "../shared/strokes.js";

export const SPEEDS = [1, 4, 16, 64];
const STEPS = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -10,
  PageUp: 10,
};
const MOVING = new Set(["running", "pausing"]);
// how long the hand rests on a round before it is asked for
const RESTS_MS = 80;
// rounds whose length says how long the next ones take
const LATELY = 10;

/**
 * The bar in `root`. `go(round)` shows an earlier round, null now; `colours()` gives the palette.
 * {render(now), step(by), jump(direction), toggle(), live()}; now: {state, round, marks}, round:
 * the earlier one that is shown, or null.
 */
export function timeBar(root, { go, colours, seconds = null, clock = () => performance.now() }) {
  const track = one(".track", root);
  const canvas = one("canvas", track);
  const own = { state: null, round: null, marks: [], speed: 1, playing: null, waits: false };
  const pace = paceOf(seconds, clock);

  const last = () => own.state?.round ?? -1;
  const planned = () =>
    Math.max(own.state?.experiment.rounds_planned ?? 1, (own.state?.round ?? 0) + 1);
  const shown = () => own.round ?? last();

  function render(now) {
    const closed = own.state?.round ?? null;
    const redraw =
      now.state.curves !== own.state?.curves ||
      now.marks !== own.marks ||
      now.state.experiment.rounds_planned !== own.state?.experiment.rounds_planned;
    own.waits = false;
    Object.assign(own, now);
    pace.note(closed, own.state.round);
    if (redraw) draw();
    head();
    words();
  }

  function draw() {
    const [width, height] = [track.clientWidth, track.clientHeight];
    const pen = canvas.getContext?.("2d");
    if (!pen || !width || !own.state) return;
    const ratio = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: width * ratio, height: height * ratio });
    pen.scale(ratio, ratio);
    drawStrokes(pen, { width, height, planned: planned(), curves: own.state.curves }, colours());
    drawMarks(pen, width, planned(), own.marks, colours());
  }

  /** Where the round that is shown stands, for eyes and for readers of screens. */
  function head() {
    const closed = last();
    const at = one(".track-head", track);
    show(at, closed >= 0);
    at.style.setProperty("left", `${(100 * (shown() + 1)) / planned()}%`);
    const later = one(".track-fade", track);
    show(later, own.round !== null);
    later.style.setProperty("left", `${(100 * (shown() + 1)) / planned()}%`);
    later.style.setProperty("width", `${(100 * (closed - shown())) / planned()}%`);
    track.setAttribute("aria-valuemax", Math.max(0, closed));
    track.setAttribute("aria-valuenow", Math.max(0, shown()));
    track.setAttribute("aria-valuetext", closed < 0 ? "no round yet" : sentence(shown()));
    figure("track-words", closed < 0 ? "The run will be drawn here, a stroke a round" : "", root);
    for (const button of root.querySelectorAll("[data-step], [data-play]"))
      button.disabled = closed < 1;
  }

  function sentence(round) {
    const i = own.state.curves.rounds.indexOf(round);
    const value = relativeOf(own.state.curves).mean[i];
    const result = value === undefined || value === null ? "" : `, ${against(value)}`;
    return `round ${round}${result}`;
  }

  function words() {
    const { experiment, progress } = own.state;
    const { rounds_done: done, rounds_planned: all, state } = experiment;
    const past = own.round !== null;
    root.closest(".frame")?.classList.toggle("is-past", past);
    show(one("#to-live"), past);
    show(one("[data-figure=left]", root), !past);
    const shownAs = `Round ${own.round}, ${whole(done)} played`;
    figure("rounds", past ? shownAs : doneWords(done, all), root);
    const share = MOVING.has(state) ? (progress?.share ?? 0) : 0;
    figure("left", leftWords(experiment, pace.seconds() * (all - done - share)), root);
  }

  function step(by) {
    if (last() < 1) return;
    reach(Math.max(0, Math.min(last(), shown() + by)));
  }

  const reach = (round) => go(round >= last() ? null : round);

  function jump(direction) {
    const next = nextMark(own.marks, shown(), direction);
    if (next !== null) reach(Math.min(next, last()));
  }

  function live() {
    stop();
    go(null);
  }

  function toggle() {
    if (own.playing !== null) stop();
    else play();
  }

  function play() {
    if (last() < 1) return;
    if (own.round === null) reach(0);
    const tick = () => {
      // a round that was asked for and has not come yet is waited for
      if (own.waits) return;
      if (own.round === null) stop();
      else {
        own.waits = true;
        step(1);
      }
    };
    own.playing = setInterval(tick, 1000 / SPEEDS[own.speed]);
    playing(true);
  }

  function stop() {
    clearInterval(own.playing);
    own.playing = null;
    playing(false);
  }

  function playing(on) {
    const button = one("[data-play]", root);
    button.setAttribute("aria-pressed", String(on));
    button.replaceChildren(icon(on ? "pause" : "play"));
  }

  function faster() {
    own.speed = (own.speed + 1) % SPEEDS.length;
    const button = one("[data-speed]", root);
    button.textContent = `${SPEEDS[own.speed]}×`;
    button.setAttribute("aria-label", `Speed: ${SPEEDS[own.speed]} rounds a second`);
    if (own.playing === null) return;
    stop();
    play();
  }

  const under = (event) => {
    const box = track.getBoundingClientRect();
    return roundAt(event.clientX - box.left, box.width, planned(), last());
  };
  let resting = null;
  function drag(event) {
    const round = under(event);
    point(round);
    one(".track-head", track).style.setProperty("left", `${(100 * (round + 1)) / planned()}%`);
    clearTimeout(resting);
    resting = setTimeout(() => reach(round), RESTS_MS);
  }

  /** The tip over the round under the pointer: how it went, and what is marked there. */
  function point(round) {
    const tip = one(".track-tip", track);
    const marked = own.marks.filter((mark) => mark.round === round).slice(0, 3);
    tip.replaceChildren(
      el("b", {}, sentence(round).replace(/^r/, "R")),
      ...marked.map(({ kind, text }) => el("span", {}, `${GLYPHS[kind]} ${text}`)),
    );
    const share = (round + 0.5) / planned();
    tip.style.setProperty("left", `${100 * share}%`);
    tip.classList.toggle("is-late", share > 0.7);
    show(tip, last() >= 0);
  }

  track.addEventListener("pointerdown", (event) => {
    if (last() < 1) return;
    stop();
    track.setPointerCapture?.(event.pointerId);
    drag(event);
  });
  track.addEventListener("pointermove", (event) => {
    if (last() < 0) return;
    if (event.buttons) drag(event);
    else point(under(event));
  });
  track.addEventListener("pointerleave", () => show(one(".track-tip", track), false));
  track.addEventListener("keydown", (event) => {
    if (event.key in STEPS) step(STEPS[event.key]);
    else if (event.key === "Home") step(-Infinity);
    else if (event.key === "End") step(Infinity);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  for (const button of root.querySelectorAll("[data-step]"))
    button.addEventListener("click", () => {
      stop();
      step(Number(button.dataset.step));
    });
  one("[data-play]", root).addEventListener("click", toggle);
  one("[data-speed]", root).addEventListener("click", faster);
  one("#to-live").addEventListener("click", live);
  if (globalThis.ResizeObserver) new ResizeObserver(draw).observe(track);
  return { render, step, jump, toggle, live, draw };
}

function drawStrokes(pen, { width, height, planned, curves }, palette) {
  const top = 12;
  const middle = top + (height - top) / 2;
  const reach = (height - top) / 2 - 1;
  pen.fillStyle = palette.raised;
  pen.fillRect(0, top, width, height - top);
  for (const { from, to, height: share } of strokesOf(curves, planned)) {
    if (share === null) continue;
    const x = xOf(from, width, planned);
    const wide = xOf(to + 1, width, planned) - x;
    const tall = Math.max(1, Math.abs(share) * reach);
    pen.fillStyle = share >= 0 ? palette.positive : palette.negative;
    const thick = Math.max(0.7, wide - (wide > 3 ? 1 : 0));
    pen.fillRect(x, share >= 0 ? middle - tall : middle, thick, tall);
  }
  if (!curves.rounds.length) return;
  pen.fillStyle = palette.baselines.buy_and_hold;
  pen.fillRect(0, middle - 0.5, xOf(curves.rounds.at(-1) + 1, width, planned), 1);
}

const TONES = { edit: "accent", alarm: "warn", scar: "negative", champion: "text" };

function drawMarks(pen, width, planned, marks, palette) {
  pen.font = "10px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const { x, kind, count } of clustered(marks, (round) => xOf(round + 0.5, width, planned))) {
    pen.fillStyle = palette[TONES[kind]];
    pen.fillText(count > 1 ? `${GLYPHS[kind]}${count}` : GLYPHS[kind], x, 5);
  }
}

/** How long a round takes: by those that were seen to close, else by what the server knew. */
function paceOf(seconds, clock) {
  const lengths = seconds === null ? [] : [seconds];
  let since = null;
  return {
    note(before, after) {
      if (before === null || after === before) return;
      const now = clock();
      if (since !== null) lengths.push((now - since) / 1000 / Math.max(1, after - before));
      lengths.splice(0, lengths.length - LATELY);
      since = now;
    },
    seconds: () => mean(lengths) ?? NaN,
  };
}

const doneWords = (done, all) => (done ? `${whole(done)} of ${whole(all)} rounds` : "No round yet");

/**
 * "about 1 min 20 s left" of a run that goes on; else where it stands, "" where the strip says it.
 */
export function leftWords({ state, rounds_done: done, rounds_planned: planned }, seconds) {
  if (MOVING.has(state)) return Number.isFinite(seconds) ? `about ${left(seconds)} left` : "";
  if (state === "draft") return `${whole(planned)} planned`;
  if (state === "failed") return `stopped at round ${whole(done)}`;
  return state === "paused" ? "paused" : "";
}

/** "agents 3.8 points above hold". */
export function against(value) {
  const points = number(Math.abs(100 * value), 1);
  return `agents ${points} points ${value < 0 ? "below" : "above"} hold`;
}
