"""Rounds' rows as the engine takes them: their windows, and how their agents stand in blocks."""

from django.conf import settings as site

from arena.engine.results import RoundPlan
from arena.models import Experiment, Round


def block_size(experiment: Experiment) -> int:
    """Agents a block: the site's as the experiment started, for all its life."""
    return int(experiment.environment.get("block_size", site.BLOCK_SIZE))


def block_count(experiment: Experiment) -> int:
    """Blocks a round."""
    return -(-experiment.population // block_size(experiment))


def plan_of(row: Round) -> RoundPlan:
    """The bar windows of a round's row, as the engine takes them."""
    practice = tuple((int(start), int(stop)) for start, stop in row.plan["practice"])
    start, stop = row.plan["competition"]
    return RoundPlan(row.index, (int(start), int(stop)), practice, row.reused)
