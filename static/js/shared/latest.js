// Work that takes its time, asked for more often than it can be done.

/** `work` run one at a time: of the calls that come while it runs only the last is carried out, afterwards; so none is begun and then
 * thrown away for a newer one, again and again, until nothing is ever shown. `drop` on the result
 * forgets the call that waits. */
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
