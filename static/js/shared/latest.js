// Work that takes its time, asked for more often than it can be done, and answers that come in
// another order than they were asked for.

/**
 * `work` run one at a time: of the calls that come while it runs only the last is carried out,
 * afterwards; so none is begun and then thrown away for a newer one, again and again, until nothing
 * is ever shown. `drop` on the result forgets the call that waits.
 */
export function oneAtATime(work) {
  let busy = false;
  let waiting = null;
  async function call(...given) {
    waiting = given;
    if (busy) return;
    busy = true;
    try {
      while (waiting) {
        const next = waiting;
        waiting = null;
        await work(...next);
      }
    } finally {
      busy = false;
    }
  }
  call.drop = () => {
    waiting = null;
  };
  return call;
}

/**
 * Asks `url` for JSON at each call, and `heard(answer)` is called with it; an older answer never
 * comes after a newer one.
 */
export function newestOf(url, heard) {
  let asked = 0;
  return async () => {
    const mine = (asked += 1);
    const response = await fetch(url, { headers: { Accept: "application/json" } }).catch(
      () => null,
    );
    if (response?.ok && mine === asked) heard(await response.json());
  };
}
