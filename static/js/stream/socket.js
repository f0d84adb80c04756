// The page's line to the server: opens, listens, and comes back by itself after a break.

import { decode } from "./frames.js";

const FIRST = 500;
const LONGEST = 30_000;
// the server says something every 3 seconds: who hears nothing three times sits at a dead line
export const SILENCE = 10_000;
const OPENING = 8_000;
const TICK = 1000;
export const GONE = 4404;
// by HTTP: not logged in, or somebody else's
const FORBIDDEN = [403, 404];
const OFFLINE = "Offline, reconnecting. What you see is the last that arrived.";
export const SILENT = "Nothing comes over the live connection any more.";
const AGAIN = "It is tried again. What you see is the last that arrived.";
const WHY = {
  1009: "The server closed the live connection: this page sent too much at once.",
  1011: "The server closed the live connection: something broke behind it, and its log says what.",
  4400: "The server closed the live connection: it did not understand this page; reload it.",
  4408: "The server closed the live connection: this browser took too long to take what it was sent.",
  4429: "The server closed the live connection: this page asked too often.",
};
const REFUSED =
  "The server answers, but refuses a live connection: too many stand or were opened. Close pages that are not needed.";

/**
 * Why there is no live connection, in words. `code` it was closed with; `refused`: never opened,
 * though the server answers.
 */
export function breakWords(code, refused) {
  const why = WHY[code] ?? (refused ? REFUSED : "");
  return why ? `${why} ${AGAIN}` : OFFLINE;
}

/**
 * Milliseconds before attempt `attempt` (0, 1, 2 …): doubling up to half a minute, the upper half
 * of it by chance so that pages do not return all at once.
 */
export function backoff(attempt, random = Math.random()) {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16)) * (0.5 + random / 2);
}

/** The websocket address of `path` on the host that served the page. */
export function socketUrl(path, place = window.location) {
  return `${place.protocol === "https:" ? "wss:" : "ws:"}//${place.host}${path}`;
}

/**
 * Milliseconds of silence after another look at the clock, `elapsed` after the last one.
 *
 * A tab in the background is woken once a minute, and one that slept not at all: what came
 * meanwhile is heard only after the clock was looked at. So no look counts for more than two ticks.
 */
export function silence(sofar, elapsed) {
  return sofar + Math.min(elapsed, 2 * TICK);
}

/**
 * Keeps a socket open at the address that url() then gives; calls onMessages(list), onStatus("online" | "offline" | "gone", words).
 * Returns {send(object)}.
 *
 * A handshake that was refused looks to a browser as if nobody were there: ask() then tells what
 * the server answers by HTTP, its status or null. Who may not watch any more is told by that. A
 * line over which nothing comes is given up, for a proxy may keep it open for ever.
 */
export function connect(url, { onMessages, onStatus, ask, clock = () => performance.now() }) {
  let socket = null;
  let opened = false;
  let attempt = 0;
  let waiting = null;
  let quiet = 0;
  let looked = clock();
  const open = () => {
    waiting = null;
    opened = false;
    quiet = 0;
    const mine = new WebSocket(url());
    socket = mine;
    // of a line that was given up nothing is heard any more
    const listen = (name, heard) =>
      mine.addEventListener(name, (event) => {
        if (socket === mine) heard(event);
      });
    mine.binaryType = "arraybuffer";
    listen("open", () => {
      opened = true;
      attempt = 0;
      quiet = 0;
      onStatus("online", "");
    });
    listen("message", (event) => {
      quiet = 0;
      onMessages(decode(event.data));
    });
    listen("close", (event) => closed(event.code));
  };
  const again = (words) => {
    onStatus("offline", words);
    waiting = setTimeout(open, backoff(attempt));
    attempt += 1;
  };
  const closed = async (code) => {
    socket = null;
    const answer = opened ? null : await ask();
    if (code === GONE || FORBIDDEN.includes(answer)) onStatus("gone", "");
    else again(breakWords(code, answer !== null && answer < 500));
  };
  const look = () => {
    const now = clock();
    quiet = silence(quiet, now - looked);
    looked = now;
    if (socket === null || quiet <= (opened ? SILENCE : OPENING)) return;
    const dead = socket;
    socket = null;
    dead.close();
    again(opened ? `${SILENT} ${AGAIN}` : OFFLINE);
  };
  const hurry = () => {
    if (waiting === null || globalThis.document?.hidden) return;
    clearTimeout(waiting);
    open();
  };
  globalThis.document?.addEventListener("visibilitychange", hurry);
  globalThis.addEventListener?.("online", hurry);
  setInterval(look, TICK);
  open();
  return {
    send: (object) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(object)),
  };
}
