"""What others feel while one account sends the worst that its limits let through: `python -m
benchmarks.live.crowd`, half a minute.

A site of its own, as `make run` starts it; three ordinary requests a second by others, timed;
twenty connections of the one account.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.live.site import PATIENCE, free_port

SECONDS, FOES = 6.0, 20
BODY = {
    "population": 300,
    "rounds": 6,
    "round_bars": 64,
    "network": {"hidden": [8]},
    "learning": {"replay": 256, "episodes": 1},
}
MAKE = """
import json
from django.contrib.auth import get_user_model
from django.test import Client
from arena.services.headless.runner import experiment_run
from arena.services.experiments.lifecycle import experiment_create
from arena.services.people.tokens import token_create
from arena.settings_schema import parse
made = {}
for name in ("foe", "friend"):
    user = get_user_model().objects.create_user(name)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.get("/experiments/new/")
    made[name] = {
            "session": client.cookies["sessionid"].value,
            "csrf": client.cookies["csrftoken"].value,
        }
foe = get_user_model().objects.get(username="foe")
run = experiment_create(owner=foe, name="x", settings=parse(BODY))
experiment_run(experiment_uuid=run.uuid, tell=lambda text: None)
print(json.dumps(made | {"token": token_create(user=foe, name="x")[1], "uuid": str(run.uuid)}))
"""

Ask = Callable[[], int | str]


def ask(
    port: int,
    method: str,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> int | str:
    """Status, or the name of what went wrong."""
    web = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        web.request(method, path, body, headers or {})
        answer = web.getresponse()
        answer.read()
        return answer.status
    except OSError as error:
        return type(error).__name__
    finally:
        web.close()


def worst(port: int, site: dict) -> dict[str, list[Ask]]:
    """{plan: requests that are sent in turn}."""
    token = {"Authorization": f"Bearer {site['token']}", "Content-Type": "application/json"}
    session = {
        "Cookie": f"sessionid={site['foe']['session']}; csrftoken={site['foe']['csrf']}",
        "X-CSRFToken": site["foe"]["csrf"],
    }
    form = session | {"Content-Type": "application/x-www-form-urlencoded"}
    unknown = json.dumps(
        {"name": "x", "settings": {f"learning_rat_{index:05d}": 1 for index in range(8000)}}
    )
    run, api = f"/experiments/{site['uuid']}", f"/api/v1/experiments/{site['uuid']}"
    refused = [lambda: ask(port, "POST", "/api/v1/experiments", unknown, token)]
    pages = [
        lambda: ask(port, "GET", "/experiments/new/", None, session),
        lambda: ask(port, "POST", "/experiments/new/", "name=x&rounds=x", form),
        lambda: ask(port, "POST", "/experiments/new/room.json", "name=x&population=100000", form),
    ]
    heavy = [
        *(
            lambda path=path: ask(port, "GET", run + path, None, session)
            for path in ("/snapshot", "/waterfall.json", "/card.json", "/canary.json")
        ),
        *(
            lambda path=path: ask(port, "GET", api + path, None, token)
            for path in ("/snapshot", "/trades?limit=500", "/agents?limit=500")
        ),
    ]
    return {
        "nobody": [],
        "refused calls": refused,
        "pages": pages,
        "heavy answers": heavy,
        "all of it": [*refused, *pages, *heavy],
    }


def times(port: int, site: dict, foes: list[Ask]) -> tuple[list[float], Counter]:
    """Seconds that others waited for each of their requests, and what the one account was
    answered.
    """
    friend = {"Cookie": f"sessionid={site['friend']['session']}"}
    until, waited, answers = time.monotonic() + SECONDS, [], Counter()

    def ordinary(path: str) -> None:
        while time.monotonic() < until:
            begun = time.monotonic()
            ask(port, "GET", path, None, friend)
            waited.append(time.monotonic() - begun)
            time.sleep(max(1.0 - waited[-1], 0.0))

    def foe() -> None:
        for turn in count():
            if time.monotonic() >= until:
                return
            answers[foes[turn % len(foes)]()] += 1

    threads = [
        threading.Thread(target=ordinary, args=(path,))
        for path in ("/", "/markets/", "/experiments/new/")
    ]
    threads += [threading.Thread(target=foe) for _ in range(FOES if foes else 0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(waited), answers


def main() -> None:
    """A line a plan."""
    with TemporaryDirectory() as folder:
        port = free_port()
        env = os.environ | {"VAR_DIR": folder, "PORT": str(port), "DEMO": "0", "LIMITS": "1"}
        launcher = subprocess.Popen(
            [sys.executable, "-m", "lineage_site.launcher"], env=env, stdout=subprocess.DEVNULL
        )
        try:
            until = time.monotonic() + PATIENCE
            while ask(port, "GET", "/readyz") != 200 and time.monotonic() < until:
                time.sleep(0.5)
            code = MAKE.replace("BODY", repr(BODY))
            made = subprocess.run(
                [sys.executable, "manage.py", "shell", "-v0", "-c", code],
                env=env,
                capture_output=True,
                text=True,
                check=True,
                cwd=Path(__file__).parents[2],
            )
            made_site = json.loads(made.stdout.splitlines()[-1])
            print(
                f"{'one account sends':20} {'median':>8} {'95 %':>8} {'most':>8}  ms that others"
                " waited; what it was answered"
            )
            for plan, foes in worst(port, made_site).items():
                waited, answers = times(port, made_site, foes)
                figures = (
                    waited[len(waited) // 2],
                    waited[int(0.95 * (len(waited) - 1))],
                    waited[-1],
                )
                print(
                    f"{plan:20} "
                    + " ".join(f"{1000 * figure:8.0f}" for figure in figures)
                    + f"  {dict(answers)}",
                    flush=True,
                )
        finally:
            launcher.send_signal(signal.SIGINT)
            launcher.wait(30)


if __name__ == "__main__":
    main()
