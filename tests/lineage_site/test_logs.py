"""A log is turned over while many write to it, and not a line is lost or torn."""

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from arena.work.counted import about
from lineage_site import logs

WRITERS, LINES = 4, 3000
WRITE = """
import logging, os, sys
from lineage_site.logs import Stderr
log = logging.getLogger()
log.addHandler(Stderr())
# a child of a child shares the handle, as the processes of a worker do
name = f"{sys.argv[1]}{'b' if os.fork() == 0 else 'a'}"
for number in range(int(sys.argv[2])):
    log.warning("%s %s", name, number)
if name.endswith("a"):
    os.wait()
"""


def test_no_line_is_lost_or_torn_while_the_log_is_turned_over(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(logs, "GENERATIONS", 1000)
    path = tmp_path / "web.log"
    output = logs.open_log(path)
    environment = dict(os.environ) | {"LOG_FILE": str(path)}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(number), str(LINES)],
            env=environment,
            stdout=output,
            stderr=output,
        )
        for number in range(WRITERS)
    ]
    os.close(output)
    turns = 0
    while any(writer.poll() is None for writer in writers):
        turns += logs.turn_over(path, largest=5000)
        time.sleep(0.01)

    lines = [line for file in tmp_path.iterdir() for line in file.read_text().splitlines()]
    assert turns >= 5
    assert sorted(lines) == sorted(
        f"{number}{half} {line}"
        for number in range(WRITERS)
        for half in "ab"
        for line in range(LINES)
    )


def test_as_many_old_ones_are_kept_as_are_said(tmp_path: Path):
    path = tmp_path / "web.log"
    for turn in range(6):
        path.write_text(f"turn {turn}")
        assert logs.turn_over(path, largest=3)

    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert kept == {"web.1.log": "turn 5", "web.2.log": "turn 4", "web.3.log": "turn 3"}


def test_what_goes_into_a_pipe_stays_there(tmp_path: Path):
    code = (
        "import logging; from lineage_site.logs import Stderr;"
        " logging.getLogger().addHandler(Stderr()); logging.warning('here')"
    )
    environment = dict(os.environ) | {"LOG_FILE": str(tmp_path / "web.log")}

    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stderr == "here\n"
    assert list(tmp_path.iterdir()) == []


def test_a_line_of_json_names_request_experiment_and_fault():
    formatter = logs.Json()
    record = logging.LogRecord("arena", logging.ERROR, "f", 1, "%s broke", ("it",), None)

    plain = json.loads(formatter.format(record))
    token = logs.request_id.set("abc-12345")
    try:
        raise ValueError("so it was")
    except ValueError:
        record.exc_info = sys.exc_info()
    with about(17):
        full = json.loads(formatter.format(record))
    logs.request_id.reset(token)

    assert plain.keys() == {"time", "level", "logger", "message"}
    assert (plain["message"], plain["level"]) == ("it broke", "ERROR")
    assert (full["request"], full["experiment"]) == ("abc-12345", 17)
    assert full["trace"].endswith("ValueError: so it was")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"), [("abc-12345", True), ("", False), ("a b", False), ("x" * 65, False)]
)
def test_every_answer_carries_the_id_of_its_request(client, given, kept):
    answer = client.get("/healthz", headers={"X-Request-ID": given})

    assert (answer["X-Request-ID"] == given) is kept
    assert len(answer["X-Request-ID"]) >= 8
