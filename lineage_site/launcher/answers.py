"""`python -m lineage_site.launcher.answers`: exit code 0 where the web server of this machine
answers, for whoever looks whether a container is well.
"""

import http.client
import os
import sys


def web_answers(host: str, port: int) -> bool:
    """Whether it answers at all."""
    web = http.client.HTTPConnection(host, port, timeout=2)
    try:
        web.request("GET", "/healthz", headers={"Host": "localhost"})
        return web.getresponse().status == 200
    except OSError:
        return False
    finally:
        web.close()


def reachable(host: str) -> str:
    """Where this machine reaches the server: a wildcard listens on the loopback address too."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


if __name__ == "__main__":
    # without our settings, which would make folders
    found = web_answers(
        reachable(os.environ.get("HOST", "127.0.0.1")), int(os.environ.get("PORT", "8000"))
    )
    sys.exit(not found)
