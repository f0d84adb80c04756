"""Any number of workers, a killed one, a pause, a fork: every network leaves the same digest as one
undisturbed process.

`make matrix` runs all of it; the ordinary suite a slice in which each number, each disturbance and
each network occurs.
"""

from itertools import product

import pytest

from arena.settings_schema import parse
from ml.networks.registry import NETWORKS
from tests.arena.runs import finished
from tests.arena.services.running.site import site

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
WORKERS, FAULTS = (1, 2, 4), ("none", "kill", "pause", "fork")
BLOCK, FORKED_AFTER = 6, 0
# four blocks, long enough for a worker to be caught with one
SETTINGS = {
    "population": 24,
    "rounds": 4,
    "round_bars": 96,
    "seed": 11,
    "market": {"kind": "sine", "amplitude": 0.05},
    "learning": {"replay": 512, "batch": 32, "epsilon_bars": 200},
    "evolution": {"juvenile_rounds": 0, "turnover": 0.2},
}
ALL = list(product(WORKERS, FAULTS, NETWORKS))
SLICE = sorted(
    (WORKERS[i % 3], FAULTS[i % 4], list(NETWORKS)[i % len(NETWORKS)])
    for i in range(max(4, len(NETWORKS)))
)


@pytest.fixture(scope="module")
def running(site_folder):
    with site(site_folder("site")) as made:
        yield made


@pytest.fixture(scope="module")
def digests():
    """{network: digest of the undisturbed run}, filled as they are asked for."""
    return {}


def settings_of(network):
    return SETTINGS | {"network": {"kind": network, "hidden": [16]}}


def undisturbed(digests, network):
    if network not in digests:
        digests[network] = finished(parse(settings_of(network))).state_sha256
    return digests[network]


def is_finished(row):
    return row["state"] == "finished"


def disturbed(running, workers, fault, network):
    """The row of an experiment that ran to its end among so many workers, disturbed once."""
    running.staff(workers)
    uuid = running.do("create", settings_of(network), BLOCK)
    if fault in ("kill", "pause"):
        running.wait(uuid, lambda row: row["rounds_done"] >= 1)
    if fault == "kill":
        running.kill_a_claimant()
    if fault == "pause":
        running.do("pause", uuid)
        running.wait(uuid, lambda row: row["state"] == "paused")
        running.do("resume", uuid)
    row = running.wait(uuid, is_finished)
    if fault == "fork":
        uuid = running.do("fork", uuid, FORKED_AFTER)
        row = running.wait(uuid, is_finished)
    assert running.do("audit", uuid) == []
    return row


@pytest.mark.parametrize(("workers", "fault", "network"), SLICE)
def test_a_slice_of_the_matrix_gives_the_same_digest(running, digests, workers, fault, network):
    # first, because it leaves the compiled kernels for the workers
    expected = undisturbed(digests, network)

    assert disturbed(running, workers, fault, network)["state_sha256"] == expected


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("workers", "fault", "network"), [cell for cell in ALL if cell not in SLICE]
)
def test_the_rest_of_the_matrix_gives_the_same_digest(running, digests, workers, fault, network):
    # first, because it leaves the compiled kernels for the workers
    expected = undisturbed(digests, network)

    assert disturbed(running, workers, fault, network)["state_sha256"] == expected
