// The page's line to the server: opens, listens, and comes back by itself after a break.

import { decode } from "./frames.js";

const FIRST = 500;
const LONGEST = 30_000;
export const GONE = 4404;
// by HTTP: not logged in, or somebody else's
const FORBIDDEN = [403, 404];
const OFFLINE = "Offline, reconnecting. What you see is the last that arrived.";
const AGAIN = "It is tried again. What you see is the last that arrived.";
const WHY = {
  1009: "The server closed the live connection: this page sent too much at once.",
  1011: "The server closed the live connection: something broke behind it, and its log says what.",
  4400: "The server closed the live connection: it did not understand this page; reload it.",
  4408: "The server closed the live connection: this browser took too long to take what it was sent.",
  4429: "The server closed the live connection: this page asked too often.",
};
const REFUSED = "The server answers, but refuses a live connection: too many stand or were opened. Close pages that are not needed.";

/** Why there is no live connection, in words. `code` it was closed with; `refused`: never opened, though the server answers. */
export function breakWords(code, refused) {
  const why = WHY[code] ?? (refused ? REFUSED : "");
  return why ? `${why} ${AGAIN}` : OFFLINE;
}

/** Milliseconds before attempt `attempt` (0, 1, 2 …): doubling up to half a minute, the upper half of it by chance so that pages do not return all at once. */
export function backoff(attempt, random = Math.random()) {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16)) * (0.5 + random / 2);
}

/** The websocket address of `path` on the host that served the page. */
export function socketUrl(path, place = window.location) {
  return `${place.protocol === "https:" ? "wss:" : "ws:"}//${place.host}${path}`;
}

/**
 * Keeps a socket open; calls onMessages(list), onStatus("online" | "offline" | "gone", words). Returns {send(object)}.
 *
 * A handshake that was refused looks to a browser as if nobody were there: ask() then tells what the server answers by HTTP, its status
 * or null. Who may not watch any more is told by that.
 */
export function connect(url, { onMessages, onStatus, ask }) {
  let socket = null;
  let attempt = 0;
  const open = () => {
    let opened = false;
    socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => { opened = true; attempt = 0; onStatus("online", ""); });
    socket.addEventListener("message", (event) => onMessages(decode(event.data)));
    socket.addEventListener("close", (event) => closed(event.code, opened));
  };
  const closed = async (code, opened) => {
    const answer = opened ? null : await ask();
    if (code === GONE || FORBIDDEN.includes(answer)) {
      onStatus("gone", "");
      return;
    }
    onStatus("offline", breakWords(code, answer !== null && answer < 500));
    setTimeout(open, backoff(attempt));
    attempt += 1;
  };
  open();
  return { send: (object) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(object)) };
}
