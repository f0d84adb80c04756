"""The story of `make run`: look, start Redis, prepare, start the rest, say where, keep it running,
end it all. With the argument `dev` it is that of `make dev`, in a workshop; with that of a part,
`web`, `worker`, `timer` or `migrate`, it is that part alone, its log on standard error.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress

from django.conf import settings

from lineage_site.environment import env, private, redis_url
from lineage_site.launcher import (
    answers,
    house,
    machine,
    parts,
    preflight,
    redis_server,
    watch,
    workshop,
)
from lineage_site.launcher.children import Child


def main(arguments: list[str]) -> int:
    """Exit code: 0 ended by a person, 2 something to correct first, 1 a child that would not
    live.
    """
    # the folder of compiled kernels changes with their sources, where none is named
    forget = {"NUMBA_CACHE_DIR"} - os.environ.keys()
    part = parts.asked(arguments)
    if part.name == "dev":
        os.environ.update(workshop.SETTINGS | os.environ)
    if missing := machine.problem():
        preflight.refuse_to_start(missing)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lineage_site.settings")
    lock = nullcontext() if parts.is_alone(part) else preflight.hold_lock(settings.VAR_DIR)
    if part.web:
        preflight.check_port(settings.HOST, settings.PORT)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup ignores SIGHUP on purpose
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    with lock:
        home = dev_house(stop, forget) if part.name == "dev" else house.House(stop)
        return live(home, part)


def dev_house(stop: threading.Event, forget: set[str]) -> workshop.Workshop:
    """One that watches the sources of this checkout."""
    folders = (settings.BASE_DIR / folder for folder in workshop.FOLDERS)
    return workshop.Workshop(stop, workshop.Sources(folders), forget)


def live(home: house.House, part: parts.Part) -> int:
    """Runs the house until it is told to stop or gives up; returns the exit code."""
    try:
        with home:
            return _settle(home, part)
    except house.Stopped:
        _say("All ended.")
        return 0
    except house.GaveUp as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _settle(home: house.House, part: parts.Part) -> int:
    """Starts everything in order and stays; returns early only with the exit code of a failed
    preparation, or where there is nothing to stay for.
    """
    began = time.monotonic()
    if opened := private.tighten(settings.VAR_DIR):
        _say(
            f"{opened} files and folders under {settings.VAR_DIR} could be read by other accounts"
            " of this machine; they no longer can."
        )
    (settings.VAR_DIR / "log").mkdir(exist_ok=True)
    if parts.own_redis(part):
        start_redis(home)
    for child in before(part):
        if code := home.run(child):
            return code
    children = house.children(
        folder=settings.VAR_DIR,
        web_workers=settings.WEB_WORKERS,
        workers=settings.WORKERS,
        parts=part.children,
        logs=not parts.is_alone(part),
    )
    if not children:
        return 0
    for child in children:
        home.start(child)
    if part.web:
        home.wait_for(answers_here, seconds=180, what="The web server")
    where = f"{_address()}   (Ctrl-C ends it)" if part.web else f"the {part.name} is at work"
    _say(f"Ready after {time.monotonic() - began:.1f} s: {where}")
    home.keep(watch.over(children, url=settings.REDIS_URL, site=settings.SITE))
    return 0


def before(part: parts.Part) -> Iterator[Child]:
    """What runs to its end before the rest starts; a server of Redis that is not ours alone may
    know another site by our name.
    """
    yield Child(
        "prepare",
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare", "--part", part.prepared],
        env=dict(os.environ),
        log=None,
    )
    if env.given("REDIS_URL"):
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


def _address() -> str:
    """The one address to open."""
    host = answers.reachable(settings.HOST)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}/"


def answers_here() -> bool:
    """Whether the web server answers."""
    return answers.web_answers(answers.reachable(settings.HOST), settings.PORT)


def _say(text: str) -> None:
    """A line to the person at the terminal, at once, if they are still there."""
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
