"""The story of `make run`: look, start Redis, prepare, start the rest, say where, keep it running,
end it all. With the argument `dev` it is that of `make dev`, in a workshop.
"""

import http.client
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings

from lineage_site.environment import private, redis_url
from lineage_site.launcher import house, machine, preflight, redis_server, watch, workshop
from lineage_site.launcher.children import Child


def main(*, dev: bool) -> int:
    """Exit code: 0 ended by a person, 2 something to correct first, 1 a child that would not
    live.
    """
    # the folder of compiled kernels changes with their sources, where none is named
    forget = {"NUMBA_CACHE_DIR"} - os.environ.keys()
    if dev:
        os.environ.update(workshop.SETTINGS | os.environ)
    if missing := machine.problem():
        preflight.refuse_to_start(missing)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineage_site.settings")
    lock = preflight.hold_lock(settings.VAR_DIR)
    preflight.check_port(settings.HOST, settings.PORT)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup ignores SIGHUP on purpose
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    with lock:
        return live(dev_house(stop, forget) if dev else house.House(stop))


def dev_house(stop: threading.Event, forget: set[str]) -> workshop.Workshop:
    """One that watches the sources of this checkout."""
    folders = (settings.BASE_DIR / folder for folder in workshop.FOLDERS)
    return workshop.Workshop(stop, workshop.Sources(folders), forget)


def live(home: house.House) -> int:
    """Runs the house until it is told to stop or gives up; returns the exit code."""
    try:
        with home:
            return _settle(home)
    except house.Stopped:
        _say("All ended.")
        return 0
    except house.GaveUp as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _settle(home: house.House) -> int:
    """Starts everything in order and stays; returns early only with the exit code of a failed
    preparation.
    """
    began = time.monotonic()
    if opened := private.tighten(settings.VAR_DIR):
        _say(
            f"{opened} files and folders under {settings.VAR_DIR} could be read by other accounts"
            " of this machine; they no longer can."
        )
    (settings.VAR_DIR / "log").mkdir(exist_ok=True)
    if not os.environ.get("REDIS_URL"):
        start_redis(home)
    for child in before():
        if code := home.run(child):
            return code
    children = house.children(
        folder=settings.VAR_DIR, web_workers=settings.WEB_WORKERS, workers=settings.WORKERS
    )
    for child in children:
        home.start(child)
    home.wait_for(web_answers, seconds=180, what="The web server")
    _say(f"Ready after {time.monotonic() - began:.1f} s: {_address()}   (Ctrl-C ends it)")
    home.keep(watch.over(children, url=settings.REDIS_URL, site=settings.SITE))
    return 0


def before() -> Iterator[Child]:
    """What runs to its end before the rest starts; a server of Redis that is not ours alone may
    know another site by our name.
    """
    yield Child(
        "prepare",
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare"],
        env=dict(os.environ),
        log=None,
    )
    if os.environ.get("REDIS_URL"):
        yield Child(
            "name", [sys.executable, "-m", "lineage_site.sites"], env=dict(os.environ), log=None
        )


def start_redis(home: house.House) -> None:
    """Starts the private server and waits until it answers."""
    path = redis_url.socket_path(settings.VAR_DIR)
    log = settings.VAR_DIR / "log" / "redis.log"
    home.start(
        Child(
            "redis",
            redis_server.command(path, settings.VAR_DIR / "redis", log),
            env=dict(os.environ),
            log=log,
        )
    )
    home.wait_for(lambda: redis_server.answers(path), seconds=20, what="The Redis server")


def reachable_host() -> str:
    """Where this machine reaches the web server: a wildcard listens on the loopback address too."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)


def _address() -> str:
    """The one address to open."""
    host = reachable_host()
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/"


def web_answers() -> bool:
    """Whether the web server answers at all."""
    web = http.client.HTTPConnection(reachable_host(), settings.PORT, timeout=2)
    try:
        web.request("GET", "/healthz", headers={"Host": "localhost"})
        return web.getresponse().status == 200
    except OSError:
        return False
    finally:
        web.close()


def _say(text: str) -> None:
    """A line to the person at the terminal, at once, if they are still there."""
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(dev=sys.argv[1:] == ["dev"]))
