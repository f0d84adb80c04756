"""Between two rounds: who dies, who is born, and that no money appears."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agents.life.costs import COSTS
from agents.life.lifecycle import ACTIVE, BANKRUPT, DIVERGED, OVERFLOW, SCARRED_OUT, STATES
from agents.life.spawning import VIABILITY
from arena.engine.generations.births import address, eligible
from arena.engine.generations.close import EXTINCT, close
from arena.engine.generations.conservation import TOLERANCE, ConservationError, costs
from arena.engine.generations.curves import MEASURES, STATISTICS
from arena.engine.generations.founders import newborn
from arena.engine.results import AGENT, FIGURES, CloseResult, Purse, RoundPlan
from arena.settings_schema import Settings, parse
from ml.evolution.mutation import distance, mutate
from ml.networks.registry import NETWORKS
from ml.rng import Purpose, stream

INDEX = 7
NETWORK = NETWORKS["q_net"]
HIDDEN = (4,)


def make_settings(population: int = 20, seed: int = 1, **evolution) -> Settings:
    return parse(
        {
            "population": population,
            "seed": seed,
            "network": {"hidden": HIDDEN},
            "evolution": evolution,
        }
    )


def make_agents(
    settings: Settings, seed: int, *, killed: float = 0.1, young: float = 0.3
) -> np.ndarray:
    """A population in mid-life whose every account balances; numbers are shuffled over the
    slots.
    """
    rng = np.random.default_rng(seed)
    n = settings.population
    births = np.where(rng.random(n) < young, INDEX - 1, 2)
    agents = np.array(
        [
            newborn(settings, number=i, birth_round=int(b), endowment=10_000.0, trust=50.0)
            for i, b in enumerate(births, 1)
        ],
        AGENT,
    )
    agents["number"] = rng.permutation(n) + 1
    agents["fitness"] = np.where(rng.random(n) < 0.1, np.nan, np.round(rng.normal(size=n), 1))
    agents["trades"] = rng.integers(0, 60, n)
    agents["scars"] = rng.integers(0, 5, n)
    agents["tier"] = rng.integers(0, 4, n)
    agents["trust"] = rng.uniform(0, 100, n)
    agents["epsilon"] = rng.uniform(0.01, 0.9, n)
    agents["state"] = np.where(rng.random(n) < killed, rng.integers(1, 4, n), ACTIVE)
    for name in COSTS:
        agents[name] = rng.uniform(0, 200, n)
    agents["gross_profit"] = rng.normal(800, 2500, n)
    agents["paid_to_children"] = rng.uniform(0, 500, n)
    paid = agents["paid_to_children"] + sum(agents[name] for name in COSTS)
    agents["equity"] = agents["endowment"] + agents["gross_profit"] - paid
    agents["peak"] = np.maximum(agents["equity"], agents["endowment"])
    agents["ladder_peak"] = np.where(rng.random(n) < 0.5, 0.0, agents["peak"])
    return agents


def make_purse(agents: np.ndarray) -> Purse:
    """A purse that balances with the agents: what they paid to children long dead lies in the
    treasury.
    """
    return Purse(
        treasury=float(agents["paid_to_children"].sum()),
        money_put_in=float(agents["endowment"].sum()),
    )


def weights_by_number(agents: np.ndarray, purpose: Purpose):
    """Slot -> weights that depend on the agent's number alone."""
    return lambda slot: NETWORK.born(HIDDEN, stream(99, purpose, 0, int(agents["number"][slot])))


def run(
    agents: np.ndarray,
    settings: Settings,
    *,
    purse: Purse | None = None,
    retire=(),
    last: bool = False,
) -> CloseResult:
    return close(
        agents,
        RoundPlan(INDEX, (0, 10), (), False),
        purse or make_purse(agents),
        settings,
        weights_by_number(agents, Purpose.KERNEL),
        weights_by_number(agents, Purpose.FOUNDER_WEIGHTS),
        np.full((len(agents), len(FIGURES)), np.nan),
        1000,
        frozenset(retire),
        last,
    )


def wealthy(agents: np.ndarray) -> np.ndarray:
    """Everybody alive, grown up, fit to breed and able to pay; accounts still balance."""
    agents["state"], agents["tier"], agents["scars"], agents["trades"], agents["birth_round"] = (
        ACTIVE,
        3,
        0,
        50,
        0,
    )
    gain = 20_000.0 - agents["equity"]
    agents["gross_profit"] += gain
    agents["equity"] += gain
    agents["peak"] = agents["equity"]
    return agents


populations = st.integers(2, 40)
seeds = st.integers(0, 10_000)
evolutions = st.fixed_dictionaries(
    {
        "selection": st.sampled_from(
            ["tournament", "truncation", "rank", "fitness_proportionate", "off"]
        ),
        "mutation": st.booleans(),
        "crossover": st.booleans(),
        "turnover": st.floats(0, 0.9),
        "tournament": st.integers(1, 8),
        "inheritance": st.sampled_from(["lamarckian", "baldwinian"]),
    }
)


@hypothesis_settings(max_examples=80, deadline=None)
@given(populations, seeds, evolutions, st.booleans())
def test_no_money_appears_or_vanishes_whatever_happens(population, seed, evolution, last):
    settings = make_settings(population, seed, **evolution)
    agents = make_agents(settings, seed)
    before = make_purse(agents)

    result = run(agents, settings, purse=before, last=last)

    living = [
        *result.agents[result.agents["state"] == ACTIVE],
        *(birth.agent for birth in result.births),
    ]
    left = sum(a["equity"] + sum(a[name] for name in COSTS) for a in living)
    left += result.purse.treasury + result.purse.costs_ever
    right = (
        result.purse.money_put_in
        + result.purse.gross_profit_ever
        + sum(a["gross_profit"] for a in living)
    )
    assert left == pytest.approx(right, rel=1e-12)
    assert result.imbalance <= TOLERANCE


@hypothesis_settings(max_examples=80, deadline=None)
@given(populations, seeds, evolutions)
def test_every_death_has_one_cause_and_every_free_place_one_birth(population, seed, evolution):
    settings = make_settings(population, seed, **evolution)
    agents = make_agents(settings, seed)

    result = run(agents, settings, retire={0})

    slots = [slot for slot, _ in result.deaths]
    assert len(slots) == len(set(slots))
    assert all(
        cause in STATES[1:] and STATES[result.agents["state"][slot]] == cause
        for slot, cause in result.deaths
    )
    if result.notes != (EXTINCT,):
        assert [birth.slot for birth in result.births] == slots
        assert [birth.number for birth in result.births] == list(range(1000, 1000 + len(slots)))


@hypothesis_settings(max_examples=60, deadline=None)
@given(populations, seeds, evolutions)
def test_turnover_takes_its_share_of_the_population_and_no_juvenile(population, seed, evolution):
    settings = make_settings(population, seed, **evolution)
    agents = make_agents(settings, seed)
    alive = agents["state"] == ACTIVE
    adult = alive & (agents["birth_round"] == 2)

    result = run(agents, settings)

    chosen = [slot for slot, cause in result.deaths if cause == "outcompeted"]
    share = (
        max(int(settings.evolution.turnover * population + 1e-9), 1)
        if settings.evolution.turnover
        else 0
    )
    assert len(chosen) == max(min(share, adult.sum(), alive.sum() - 1), 0)
    assert adult[chosen].all()


def test_the_least_fit_adults_go_first_and_of_equals_the_lower_number():
    settings = make_settings(10, turnover=0.3)
    agents = make_agents(settings, 5, killed=0.0, young=0.0)
    agents["number"] = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    agents["fitness"] = [0.5, np.nan, 0.1, 0.1, 0.1, 1, 1, 1, 1, 1]

    result = run(agents, settings)

    assert sorted(int(agents["number"][slot]) for slot, _ in result.deaths) == [6, 7, 9]


def test_an_agent_is_a_juvenile_through_its_first_two_rounds():
    settings = make_settings(3, turnover=0.9)
    agents = make_agents(settings, 5, killed=0.0)
    agents["birth_round"] = [INDEX, INDEX - 1, INDEX - 2]

    result = run(agents, settings)

    assert [slot for slot, _ in result.deaths] == [2]


@pytest.mark.parametrize("state", [BANKRUPT, SCARRED_OUT, DIVERGED, OVERFLOW])
def test_a_cause_from_the_round_itself_wins_over_retirement(state):
    settings = make_settings(4, turnover=0.0)
    agents = make_agents(settings, 5, killed=0.0)
    agents["state"][1] = state

    result = run(agents, settings, retire={1, 2})

    assert result.deaths == ((1, STATES[state]), (2, "retired"))


def test_the_dead_leave_everything_to_the_treasury_even_a_debt():
    settings = make_settings(4, turnover=0.0)
    agents = make_agents(settings, 5, killed=0.0)
    agents["gross_profit"][1] -= agents["equity"][1] + 300.0
    agents["equity"][1] = -300.0
    agents["state"][1] = BANKRUPT
    purse = make_purse(agents)

    result = run(agents, settings, purse=purse, last=True)

    assert result.purse.treasury == pytest.approx(purse.treasury - 300.0)
    assert result.purse.costs_ever == pytest.approx(costs(agents[[1]]))
    assert result.agents["equity"][1] == -300.0


def test_after_the_last_round_the_dead_are_booked_but_nobody_is_outcompeted_or_born():
    settings = make_settings(10, turnover=0.5)
    agents = make_agents(settings, 5, killed=0.0)
    agents["state"][3] = BANKRUPT

    result = run(agents, settings, retire={4}, last=True)

    assert result.deaths == ((3, "bankrupt"), (4, "retired"))
    assert result.births == ()


def test_a_round_that_nobody_survives_is_extinct():
    settings = make_settings(3)
    agents = make_agents(settings, 5, killed=0.0)
    agents["state"] = [BANKRUPT, DIVERGED, ACTIVE]

    result = run(agents, settings, retire={2})

    assert result.notes == (EXTINCT,)
    assert result.births == ()


def test_money_from_nowhere_is_refused_and_the_agent_named():
    settings = make_settings(4, turnover=0.0)
    agents = make_agents(settings, 5, killed=0.0)
    purse = make_purse(agents)
    agents["equity"][2] += 0.01

    with pytest.raises(ConservationError, match=f"agent {agents['number'][2]}, by 0.01"):
        run(agents, settings, purse=purse)


@hypothesis_settings(max_examples=60, deadline=None)
@given(populations, seeds, evolutions)
def test_parents_are_fit_to_breed_and_stay_viable(population, seed, evolution):
    settings = make_settings(population, seed, **evolution)
    agents = make_agents(settings, seed)

    result = run(agents, settings)

    of_number = {int(a["number"]): (a, b) for a, b in zip(agents, result.agents, strict=True)}
    for number in {parent for birth in result.births for parent in birth.parents}:
        before, after = of_number[number]
        assert after["state"] == ACTIVE
        assert before["tier"] >= 1 and before["scars"] <= 2 and before["trades"] >= 10
        assert before["equity"] + before["paid_to_children"] > before["endowment"]
        assert after["equity"] > VIABILITY * settings.life.bankrupt_at * after["endowment"]


def test_a_parent_pays_its_share_to_the_treasury_which_is_no_drawdown():
    settings = make_settings(8, turnover=0.13)
    agents = wealthy(make_agents(settings, 3))
    agents["peak"] = 25_000.0
    agents["ladder_peak"] = 25_000.0

    purse = make_purse(agents)

    result = run(agents, settings, purse=purse)

    (birth,) = result.births
    slot = int(np.flatnonzero(agents["number"] == birth.parents[0])[0])
    before, after = agents[slot], result.agents[slot]
    left = agents["equity"][result.deaths[0][0]]
    assert result.purse.treasury == pytest.approx(purse.treasury + left + 5_000.0 - 10_000.0)
    assert after["equity"] == pytest.approx(15_000.0)
    assert after["paid_to_children"] - before["paid_to_children"] == pytest.approx(5_000.0)
    assert 1 - after["equity"] / after["peak"] == pytest.approx(
        1 - before["equity"] / before["peak"]
    )
    assert after["ladder_peak"] / after["peak"] == pytest.approx(1.0)


@pytest.mark.parametrize("preset", [{}, {"crossover": True}])
def test_a_child_starts_with_what_a_founder_gets_however_poor_its_parent(preset):
    settings = make_settings(8, turnover=0.13, **preset)
    agents = wealthy(make_agents(settings, 3))
    agents["gross_profit"] += 3_000.0 - agents["equity"]
    agents["paid_to_children"] += 17_000.0
    agents["equity"], agents["peak"] = 3_000.0, 3_000.0
    purse = Purse(
        treasury=0.0,
        money_put_in=float(agents["equity"].sum() + costs(agents) - agents["gross_profit"].sum()),
    )

    result = run(agents, settings, purse=purse)

    (birth,) = result.births
    assert birth.parents
    assert (
        birth.agent["endowment"]
        == birth.agent["equity"]
        == birth.agent["peak"]
        == settings.life.endowment
    )
    # the dead left 3,000 and the parent paid 750; the rest is put in
    assert result.purse.treasury == 0.0
    assert result.purse.money_put_in - purse.money_put_in == pytest.approx(10_000.0 - 3_750.0)


def test_what_a_parent_pays_goes_to_the_debt_of_the_treasury_first():
    settings = make_settings(8, turnover=0.13)
    agents = wealthy(make_agents(settings, 3))
    purse = make_purse(agents)
    indebted = replace(purse, treasury=-50_000.0, costs_ever=50_000.0 + purse.treasury)

    result = run(agents, settings, purse=indebted)

    assert result.purse.treasury == pytest.approx(-50_000.0 + 20_000.0 + 5_000.0)
    assert result.purse.money_put_in == pytest.approx(purse.money_put_in + 10_000.0)


@pytest.mark.parametrize("population", [2, 9])
def test_a_population_too_small_for_its_share_evolves_by_one_a_round(population):
    settings = make_settings(population)
    agents = wealthy(make_agents(settings, 3))
    agents["fitness"] = np.arange(population)

    result = run(agents, settings)

    assert result.deaths == ((0, "outcompeted"),)
    assert result.births[0].parents


def test_the_only_one_alive_is_outcompeted_by_nobody():
    settings = make_settings(2)
    agents = wealthy(make_agents(settings, 3))
    agents["state"][0] = BANKRUPT

    result = run(agents, settings)

    assert result.deaths == ((0, "bankrupt"),)


def test_a_line_at_its_cap_bears_no_more_children_and_others_come():
    settings = make_settings(20, turnover=0.5, lineage_cap=0.25, tournament=64)
    agents = wealthy(make_agents(settings, 3))
    agents["number"] = np.arange(1, 21)
    agents["founder"] = [1] * 16 + [2, 2, 3, 3]
    agents["fitness"] = np.arange(20.0, 0.0, -1.0)
    agents["fitness"][16:] += 100.0

    result = run(agents, settings)

    # six of line 1 stay, which may hold five; the others grow from two to five, then immigrants
    # come
    assert sum(cause == "outcompeted" for _, cause in result.deaths) == 10
    founders = [int(birth.agent["founder"]) for birth in result.births]
    assert founders[:6].count(2) == founders[:6].count(3) == 3
    assert all(not birth.parents for birth in result.births[6:])


@hypothesis_settings(max_examples=40, deadline=None)
@given(populations, seeds, evolutions, st.floats(0.01, 1.0))
def test_no_line_grows_beyond_its_cap(population, seed, evolution, cap):
    settings = make_settings(population, seed, lineage_cap=cap, **evolution)
    agents = make_agents(settings, seed)
    agents["founder"] = np.random.default_rng(seed).integers(1, 4, population)
    most = max(int(cap * population + 1e-9), 2)

    result = run(agents, settings)

    lived = {
        founder: (result.agents["founder"][result.agents["state"] == ACTIVE] == founder).sum()
        for founder in (1, 2, 3)
    }
    for founder, before in lived.items():
        born = sum(
            bool(birth.parents) and birth.agent["founder"] == founder for birth in result.births
        )
        assert born == 0 or before + born <= most


def test_a_parent_bears_until_one_more_child_would_leave_it_near_bankruptcy():
    settings = make_settings(30, turnover=0.9)
    agents = wealthy(make_agents(settings, 3))
    agents["tier"] = 0
    agents["tier"][4] = 1
    agents["fitness"][4] = 9.0

    result = run(agents, settings)

    # 20,000 x 0.75^n stays above 2 x 1,000 for eight children
    assert sum(birth.parents == (int(agents["number"][4]),) for birth in result.births) == 8
    assert sum(birth.parents == () for birth in result.births) == len(result.births) - 8


def test_a_child_is_its_parent_plus_the_mutation_recorded_for_it():
    settings = make_settings(20, seed=11, turnover=0.4)
    agents = wealthy(make_agents(settings, 3))
    weights_of = weights_by_number(agents, Purpose.KERNEL)

    result = run(agents, settings)

    assert len(result.births) == 8
    for birth in result.births:
        slot = int(np.flatnonzero(agents["number"] == birth.parents[0])[0])
        draw = stream(settings.seed, Purpose.MUTATION, INDEX, birth.number)
        again = mutate(weights_of(slot), NETWORK.layout(HIDDEN), birth.rate, birth.strength, draw)
        assert np.array_equal(birth.weights, again)
        assert (
            birth.seed == address(11, INDEX, birth.number) == f"11:MUTATION:{INDEX}:{birth.number}"
        )
        assert birth.rate == agents["mutation_rate"][slot]
        assert birth.weight_distance == distance(weights_of(slot), birth.weights) > 0


def test_a_newborn_starts_as_the_rules_say():
    settings = make_settings(10, turnover=0.1)
    agents = wealthy(make_agents(settings, 3))
    agents["epsilon"], agents["trust"], agents["generation"] = 0.07, 70.0, 4

    (birth,) = run(agents, settings).births

    child = birth.agent
    assert child["birth_round"] == INDEX + 1
    assert child["generation"] == 5
    assert child["epsilon_start"] == 0.2
    assert child["trust"] == child["birth_trust"] == 60.0
    assert child["tier"] == 2
    assert child["win_factor"] == child["cost_multiplier"] == 1.0
    assert (
        child["practice_bars"]
        == child["updates"]
        == child["remembered"]
        == child["scars"]
        == child["trades"]
        == 0
    )
    assert child["learning_rate"] != agents["learning_rate"][0]


def test_a_child_explores_as_its_parent_does_where_that_is_more():
    settings = make_settings(10, turnover=0.1)
    agents = wealthy(make_agents(settings, 3))
    agents["epsilon"] = 0.6

    (birth,) = run(agents, settings).births

    assert birth.agent["epsilon_start"] == 0.6


def test_baldwinian_children_start_from_weights_as_born():
    settings = make_settings(10, turnover=0.1, inheritance="baldwinian", mutation=False)
    agents = wealthy(make_agents(settings, 3))

    (birth,) = run(agents, settings).births

    slot = int(np.flatnonzero(agents["number"] == birth.parents[0])[0])
    assert np.array_equal(birth.weights, weights_by_number(agents, Purpose.FOUNDER_WEIGHTS)(slot))


def test_without_mutation_a_child_equals_its_parent_in_weights_and_traits():
    settings = make_settings(10, turnover=0.1, mutation=False)
    agents = wealthy(make_agents(settings, 3))
    agents["learning_rate"] = np.linspace(0.001, 0.002, 10)

    (birth,) = run(agents, settings).births

    slot = int(np.flatnonzero(agents["number"] == birth.parents[0])[0])
    assert np.array_equal(birth.weights, weights_by_number(agents, Purpose.KERNEL)(slot))
    assert (birth.rate, birth.weight_distance) == (0.0, 0.0)
    for name in ("learning_rate", "gamma", "epsilon_bars", "risk_fraction", "mutation_rate"):
        assert birth.agent[name] == agents[name][slot]


def test_the_exploration_preset_mutates_more_strongly():
    settings = make_settings(10, turnover=0.1, preset="exploration")
    agents = wealthy(make_agents(settings, 3))

    (birth,) = run(agents, settings).births

    assert (birth.rate, birth.strength) == (0.5, 0.1)


def test_crossover_takes_two_parents_and_only_the_first_pays():
    settings = make_settings(10, turnover=0.1, crossover=True)
    agents = wealthy(make_agents(settings, 3))

    result = run(agents, settings)

    (birth,) = result.births
    paid = result.agents["paid_to_children"] > agents["paid_to_children"]
    assert len(set(birth.parents)) == 2
    assert agents["number"][paid].tolist() == [birth.parents[0]]


def test_with_nobody_fit_to_breed_an_immigrant_comes_at_the_treasurys_cost():
    settings = make_settings(10, turnover=0.1)
    agents = make_agents(settings, 3, killed=0.0, young=0.0)
    agents["trades"] = 9
    purse = make_purse(agents)

    result = run(agents, settings, purse=purse)

    (birth,) = result.births
    found = purse.treasury + agents["equity"][result.deaths[0][0]]
    taken = min(found, 10_000.0)
    assert birth.parents == ()
    assert birth.agent["generation"] == 0
    assert birth.agent["equity"] == settings.life.endowment
    assert np.array_equal(
        birth.weights,
        NETWORK.born(HIDDEN, stream(settings.seed, Purpose.IMMIGRANT_WEIGHTS, INDEX, 1000)),
    )
    assert result.purse.treasury == pytest.approx(found - taken)
    assert result.purse.money_put_in == pytest.approx(purse.money_put_in + 10_000.0 - taken)


def test_an_empty_treasury_puts_the_whole_endowment_in_anew_and_keeps_its_debt():
    settings = make_settings(2, turnover=0.0)
    agents = make_agents(settings, 3, killed=0.0)
    agents["trades"] = 0
    agents["gross_profit"][0] += 300.0 - agents["equity"][0]
    agents["equity"][0] = 300.0
    purse = make_purse(agents)
    indebted = replace(purse, treasury=-500.0, costs_ever=500.0 + purse.treasury)

    result = run(agents, settings, purse=indebted, retire={0})

    assert result.purse.money_put_in == pytest.approx(purse.money_put_in + 10_000.0)
    assert result.purse.treasury == pytest.approx(-200.0)


def test_selection_switched_off_ignores_fitness():
    off = make_settings(30, turnover=0.3, selection="off")
    agents = wealthy(make_agents(off, 3))
    worse = agents.copy()
    worse["fitness"] = -agents["fitness"]

    a, b = run(agents, off), run(worse, off)

    assert a.deaths == b.deaths
    assert [birth.parents for birth in a.births] == [birth.parents for birth in b.births]


def by_number(result: CloseResult, agents: np.ndarray) -> tuple:
    """What happened, by agent number instead of by place."""
    deaths = {int(agents["number"][slot]): cause for slot, cause in result.deaths}
    births = [
        (b.number, b.parents, b.agent.tobytes(), b.weights.tobytes(), b.seed) for b in result.births
    ]
    return deaths, births, result.purse, result.imbalance


@hypothesis_settings(max_examples=40, deadline=None)
@given(populations, seeds, evolutions)
def test_what_happens_depends_on_the_seed_and_not_on_places(population, seed, evolution):
    settings = make_settings(population, seed, **evolution)
    agents = make_agents(settings, seed)
    moved = agents[np.random.default_rng(seed).permutation(population)]
    purse = make_purse(agents)

    first, again, elsewhere = (
        run(place, settings, purse=purse) for place in (agents, agents, moved)
    )

    assert by_number(first, agents) == by_number(again, agents)
    deaths, births, purse_after, _ = by_number(elsewhere, moved)
    assert (deaths, births, purse_after) == by_number(first, agents)[:3]


def test_closing_leaves_the_records_it_was_given_alone():
    settings = make_settings(10, turnover=0.3)
    agents = wealthy(make_agents(settings, 3))
    before = agents.copy()

    run(agents, settings)

    assert agents.tobytes() == before.tobytes()


def test_the_fittest_of_all_able_bears_when_the_tournament_is_as_large_as_they_are_many():
    settings = make_settings(10, turnover=0.1, tournament=64)
    agents = wealthy(make_agents(settings, 3))
    agents["fitness"] = np.arange(10.0)
    able = eligible(agents, settings)

    (birth,) = run(agents, settings).births

    assert len(able) == 10
    assert birth.parents == (int(agents["number"][9]),)


def test_curves_tell_the_spread_over_agents_and_nothing_where_there_is_nothing():
    settings = make_settings(4, turnover=0.0)
    agents = make_agents(settings, 3, killed=0.0)
    figures = np.full((4, len(FIGURES)), np.nan)
    figures[:, FIGURES.index("return")] = [0.1, 0.2, np.nan, 0.3]
    figures[:, FIGURES.index("max_drawdown")] = [0.1, 0.2, 0.3, 0.4]

    result = close(
        agents,
        RoundPlan(INDEX, (0, 10), (), False),
        make_purse(agents),
        settings,
        None,
        None,
        figures,
        5,
        frozenset(),
        True,
    )

    assert set(result.curves) == set(MEASURES)
    assert result.curves["return"] == pytest.approx(
        {"mean": 0.2, "q1": 0.15, "median": 0.2, "q3": 0.25, "best": 0.3, "worst": 0.1}
    )
    assert result.curves["max_drawdown"]["best"] == 0.1
    assert result.curves["loss"] == dict.fromkeys(STATISTICS)
