// The page's line to the server: opens, listens, and comes back by itself after a break.

import { decode } from "./frames.js";

const FIRST = 500;
const LONGEST = 30_000;
export const GONE = 4404;

/** Milliseconds before attempt `attempt` (0, 1, 2 …): doubling up to half a minute, the upper half of it by chance so that pages do not return all at once. */
export function backoff(attempt, random = Math.random()) {
  return Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16)) * (0.5 + random / 2);
}

/** The websocket address of `path` on the host that served the page. */
export function socketUrl(path, place = window.location) {
  return `${place.protocol === "https:" ? "wss:" : "ws:"}//${place.host}${path}`;
}

/** Keeps a socket open; calls onMessages(list), onStatus("online" | "offline" | "gone"). Returns {send(object)}. */
export function connect(url, { onMessages, onStatus }) {
  let socket = null;
  let attempt = 0;
  const open = () => {
    socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => { attempt = 0; onStatus("online"); });
    socket.addEventListener("message", (event) => onMessages(decode(event.data)));
    socket.addEventListener("close", (event) => (event.code === GONE ? onStatus("gone") : later()));
  };
  const later = () => {
    onStatus("offline");
    setTimeout(open, backoff(attempt));
    attempt += 1;
  };
  open();
  return { send: (object) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(object)) };
}
