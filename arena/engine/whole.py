"""A whole experiment in memory, round by round, for worlds of which nothing but the outcome is
kept.

It plays and closes as a stored experiment does, with the same streams: the same settings on the
same market give the same agents.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.life.lifecycle import ACTIVE
from agents.strategies.rules import BuyAndHold
from arena.engine.generations.close import EXTINCT, close
from arena.engine.generations.founders import founders
from arena.engine.judging.champion import champion_slot
from arena.engine.judging.committee import LEAST_MEMBERS, committee, seated
from arena.engine.judging.evaluate import evaluate, follow, terms_of_rules
from arena.engine.judging.growth import return_of
from arena.engine.play import fresh_block, play
from arena.engine.results import FIGURES, Birth, Block, Purse
from arena.engine.schedule import plan, vault
from arena.prices.market.view import MarketView
from arena.settings_schema import Settings
from ml.sums import total

RETURN = FIGURES.index("return")
NEWBORN = ("moment1", "moment2", "private", "action", "reward", "priority")


@dataclass
class World:
    """An experiment between two rounds.

    block: the whole population as the next round begins; born: float32 [population, parameters],
    weights at birth. grown, held: float64 [population], log growth of each agent, and of
    buy-and-hold, over the windows it has lived through.
    """

    block: Block
    born: np.ndarray
    purse: Purse
    next_number: int
    rounds: int
    grown: np.ndarray
    held: np.ndarray
    extinct: bool = False


def begin(settings: Settings, symbols: int) -> World:
    """The founders, before round 0 on a market of so many symbols."""
    born = founders(settings)
    money = total(float(birth.agent["endowment"]) for birth in born)
    block, nothing = fresh_block(born, settings, symbols), np.zeros(len(born))
    return World(
        block, block.online.copy(), Purse(0.0, money), len(born) + 1, 0, nothing, nothing.copy()
    )


def ended(world: World, settings: Settings) -> bool:
    """Whether all rounds are played, or no agent lives."""
    return world.extinct or world.rounds >= settings.rounds


def advance(
    world: World,
    market: MarketView,
    settings: Settings,
    beat: Callable[[float], None] | None = None,
) -> None:
    """Play and close the next round, in place. beat(share) is called between agents."""
    round_plan = plan(len(market), settings, world.rounds)
    result = play(world.block, market, round_plan, settings, beat)
    world.grown += np.log1p(np.maximum(result.figures[:, RETURN], 1e-9 - 1.0))
    world.held += _held(market, round_plan.competition, settings)
    closed = close(
        agents=world.block.agents,
        plan=round_plan,
        purse=world.purse,
        settings=settings,
        weights_of=lambda slot: world.block.online[slot],
        born_weights_of=lambda slot: world.born[slot],
        figures=result.figures,
        next_number=world.next_number,
        retire=frozenset(),
        last=world.rounds + 1 >= settings.rounds,
    )
    world.block.agents[:] = closed.agents
    for birth in closed.births:
        _create(world, birth)
    world.purse, world.extinct = closed.purse, EXTINCT in closed.notes
    world.next_number += len(closed.births)
    world.rounds += 1


def outcome(world: World, market: MarketView, settings: Settings) -> dict[str, Any]:
    """What the champion of an ended world earned, and buy-and-hold beside it: {agent, competition,
    competition_hold, vault, vault_hold}; and `committee`, the return of all alive together on the
    vault, None where fewer than two are.

    Returns, shares: in competition over the windows the champion lived through. None where no agent
    lives or there is no vault.
    """
    slot = champion_slot(world.block.agents)
    found = dict.fromkeys(
        ("agent", "competition", "competition_hold", "vault", "vault_hold", "committee")
    )
    if slot is None:
        return found
    found |= {
        "agent": int(world.block.agents["number"][slot]),
        "competition": return_of(world.grown[slot]),
    }
    found["competition_hold"] = return_of(world.held[slot])
    start, stop = vault(len(market), settings)
    if stop - start >= 2:
        one = slice(slot, slot + 1)
        figures = evaluate(
            world.block.online[one], world.block.agents[one], market, (start, stop), settings
        )[0]
        found |= {
            "vault": figures["return"],
            "vault_hold": return_of(_held(market, (start, stop), settings)),
        }
        found["committee"] = _together(world, market, (start, stop), settings)
    return found


def _together(
    world: World, market: MarketView, stretch: tuple[int, int], settings: Settings
) -> float | None:
    """Return of the committee of those alive."""
    slots = seated(world.block.agents, np.flatnonzero(world.block.agents["state"] == ACTIVE))
    if len(slots) < LEAST_MEMBERS:
        return None
    run, _ = committee(
        world.block.online[slots], world.block.agents[slots], market, stretch, settings
    )
    return run.figures()["return"]


def _held(market: MarketView, stretch: tuple[int, int], settings: Settings) -> float:
    """Log growth of buy-and-hold."""
    hold = BuyAndHold(np.random.default_rng(0))
    run, _ = follow(
        [hold] * market.symbols, market, stretch, terms_of_rules(settings), called=False
    )
    return float(run.window["log_growth"])


def _create(world: World, birth: Birth) -> None:
    """Put a newborn into its place, with nothing learnt, remembered or earned."""
    block, slot = world.block, birth.slot
    block.agents[slot] = birth.agent
    block.online[slot] = block.target[slot] = world.born[slot] = birth.weights
    for name in NEWBORN:
        getattr(block, name)[slot] = 0
    world.grown[slot] = world.held[slot] = 0.0
