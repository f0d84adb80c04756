"""`python -m benchmarks.live.viewer URL ORIGIN COOKIE`: watches an experiment as its page does,
until the input ends.

Says a line when it is connected, and at its end how many messages it read.
"""

import sys
import threading

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from arena.wire.messages import decode


def main(url: str, origin: str, cookie: str) -> None:
    """Read and parse everything that comes."""
    with connect(
        url, origin=origin, additional_headers={"Cookie": cookie}, max_size=None
    ) as socket:
        seen = len(decode(socket.recv(timeout=20)))
        print(seen, flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), socket.close()), daemon=True).start()
        try:
            for frame in socket:
                seen += len(decode(frame))
        except ConnectionClosed:
            pass
    print(seen, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
