"""How an experiment is judged at its end: every number against what its rows say, and looks at the
vault counted.
"""

import numpy as np
import pytest
from scipy import stats

from agents.models import Agent
from arena.engine.generations.fitness import score_of
from arena.engine.judging.committee import committee
from arena.engine.judging.dissent import dissent
from arena.engine.judging.evaluate import runs
from arena.engine.judging.evidence.deflated import variance_of_trials
from arena.engine.packing import unpack_figures
from arena.engine.results import FIGURES
from arena.engine.schedule import vault
from arena.models import BlockRun, Evaluation, Round
from arena.prices.store import market_view
from arena.selectors.evidence.looks import vault_looks
from arena.services.evidence.judging import LIVED
from arena.services.experiments import lifecycle
from arena.services.headless import runner
from arena.settings_schema import parse
from arena.store import blocks
from tests.arena.runs import draft, finished, finished_once, tiny

pytestmark = pytest.mark.django_db(transaction=True)
RULES = {"buy_and_hold", "constant_exposure", "cash", "random", "momentum", "mean_reversion"}
MEASURES = {
    "cagr",
    "annual_volatility",
    "annual_sharpe",
    "annual_sortino",
    "calmar",
    "max_drawdown_bars",
    "exposure",
    "turnover",
}
MEASURES |= {
    "win_rate",
    "profit_factor",
    "expectancy",
    "bars",
    "bars_per_year",
    "return",
    "sharpe",
    "max_drawdown",
    "trades",
    "psr",
}
MEASURES |= {"log_growth", "ended_bar", "ended_because"}


def judged(experiment):
    return {
        (row.subject, row.stretch): row
        for row in Evaluation.objects.filter(experiment=experiment).select_related("agent")
    }


def column(experiment, name):
    """{agent number: [figure of each round it lived through]}, dead ones too."""
    found = {}
    for run in BlockRun.objects.filter(round__experiment=experiment).order_by(
        "round__index", "block"
    ):
        for row in unpack_figures(run.figures):
            found.setdefault(int(row[0]), []).append(row[FIGURES.index(name)])
    return found


def test_everybody_is_judged_on_the_same_measures():
    rows = judged(finished_once())

    for stretch in (LIVED, "competition", "out_of_sample"):
        assert {subject for subject, on in rows if on == stretch} >= RULES | {"champion"}
        for subject in RULES:
            assert set(rows[subject, stretch].figures) == MEASURES
    assert rows["champion", "out_of_sample"].figures.keys() > MEASURES
    bars = {
        rows[subject, "out_of_sample"].figures["bars"]
        for subject in RULES | {"champion", "committee"}
    }
    assert len(bars) == 1


def test_the_committee_of_those_alive_is_judged_as_the_champion_is_but_never_ranked_among_agents():
    experiment = finished_once()
    rows = judged(experiment)
    champion, together = (
        rows[subject, "out_of_sample"].figures for subject in ("champion", "committee")
    )

    members = {"agents": [], "weights": []}
    last = BlockRun.objects.get(round__experiment=experiment, round__index=4, block=0)
    alive = set(
        Agent.objects.filter(experiment=experiment, state="active", birth_round__lte=4).values_list(
            "number", flat=True
        )
    )
    for agent, weights in zip(
        *blocks.weights_read(blocks.Saved(last.checkpoint, last.checkpoint_sha256))[:2], strict=True
    ):
        if int(agent["number"]) in alive:
            members["agents"].append(agent)
            members["weights"].append(weights)
    order = np.argsort([agent["number"] for agent in members["agents"]])
    settings, market = parse(experiment.settings), market_view(experiment.market)
    stretch = vault(experiment.market.bars, settings)
    block = [np.stack(members[name])[order] for name in ("weights", "agents")]
    run, choices = committee(*block, market, stretch, settings)
    assert together["members"] == len(alive) > 1
    assert together["return"] == run.figures()["return"]
    missing = champion.keys() - together.keys()
    assert missing == {
        "pbo",
        "place",
        "candidates",
        "dissent",
        "dissent_right",
        "against_committee_low",
        "against_committee_high",
        "against_committee_p",
    }
    relative = (1 + champion["return"]) / (1 + together["return"]) - 1
    assert champion["against_committee_low"] <= relative <= champion["against_committee_high"]
    # the champion's dissent, seen from its own run
    slot = [int(agent["number"]) for agent in block[1]].index(rows["champion", LIVED].agent.number)
    (own,) = runs(block[0][slot][None], block[1][slot : slot + 1], market, stretch, settings)
    closes = market.prices.close[:, stretch[0] : stretch[1]]
    assert champion["dissent"] == dissent(own.choices, choices, closes, long_short=False)["dissent"]


def test_one_alone_is_no_committee():
    rows = judged(finished(tiny(population=2, rounds=3)))
    alive = rows["champion", "out_of_sample"].figures["candidates"]

    assert (("committee", "out_of_sample") in rows) is (alive > 1)
    assert rows["champion", LIVED].figures["committees"] == int(alive > 1)


def test_a_line_of_algebra_is_judged_where_it_was_not_fitted():
    rows = judged(finished_once())

    assert {stretch for subject, stretch in rows if subject in ("ridge", "logistic")} == {
        "out_of_sample"
    }
    assert set(rows["ridge", "out_of_sample"].figures) == MEASURES
    assert "against_ridge_low" in rows["champion", "out_of_sample"].figures
    assert "against_ridge_low" not in rows["champion", "competition"].figures


def test_what_all_who_compete_make_of_a_window_together_stands_beside_the_rules_of_each_round():
    experiment = finished_once()
    row, last = (
        Round.objects.get(experiment=experiment, index=4),
        BlockRun.objects.get(round__experiment=experiment, round__index=4, block=0),
    )
    agents, weights = blocks.weights_read(blocks.Saved(last.checkpoint, last.checkpoint_sha256))[:2]
    competed = np.isfinite(unpack_figures(last.figures)[:, FIGURES.index("score")])
    order = np.argsort(agents["number"][competed])

    settings, market = parse(experiment.settings), market_view(experiment.market)
    run, _ = committee(
        weights[competed][order],
        agents[competed][order],
        market,
        tuple(row.plan["competition"]),
        settings,
    )

    assert row.baselines["committee"] == {
        **run.figures(),
        "score": pytest.approx(score_of(settings.evolution.fitness, run.window)),
    }
    assert "ridge" not in row.baselines


def test_the_champions_record_is_its_recorded_life_in_competition():
    experiment = finished_once()
    row = judged(experiment)["champion", LIVED]
    agent = row.agent

    figures = row.figures

    returns = column(experiment, "return")[agent.number]
    assert figures["return"] == pytest.approx(np.prod(1 + np.array(returns)) - 1)
    assert (figures["windows"], figures["bars"]) == (len(returns), agent.bars_lived)
    assert (figures["trades"], figures["max_drawdown"]) == (agent.trade_count, agent.max_drawdown)
    assert (
        figures["reused"]
        == Round.objects.filter(
            experiment=experiment, index__gte=agent.birth_round, reused=True
        ).count()
    )
    # the rules stood in the same windows
    held = [
        each.baselines["buy_and_hold"]["return"]
        for each in Round.objects.filter(index__gte=agent.birth_round)
    ]
    hold = judged(experiment)["buy_and_hold", LIVED].figures
    assert hold["return"] == pytest.approx(np.prod(1 + np.array(held)) - 1)
    assert hold["bars"] == figures["bars"]


def test_trials_are_all_agents_that_ever_played_and_their_sharpe_ratios_make_the_luck():
    experiment = finished_once()
    figures = judged(experiment)["champion", LIVED].figures

    sharpes, lengths = [], []
    for ratios in column(experiment, "sharpe").values():
        finite = [ratio for ratio in ratios if np.isfinite(ratio)]
        if finite:
            sharpes.append(np.mean(finite))
            lengths.append(len(finite) * 47)
    # and their committee is one more
    assert figures["trials"] == Agent.objects.filter(experiment=experiment).count() + 1 > 21
    variance = variance_of_trials(np.array(sharpes), np.array(lengths), figures["bars"])
    draws = np.random.default_rng(0).standard_normal((20_000, figures["trials"])).max(axis=1).mean()
    assert figures["luck"] == pytest.approx(variance**0.5 * draws, rel=0.05)
    # and the luck that noise alone gives as many, which the verdict asks by
    assert figures["noise_luck"] == pytest.approx(draws / (figures["bars"] - 1) ** 0.5, rel=0.05)
    spread = (
        1
        - figures["skew"] * figures["sharpe"]
        + (figures["kurtosis"] - 1) / 4 * figures["sharpe"] ** 2
    )
    far = (figures["sharpe"] - figures["noise_luck"]) * ((figures["bars"] - 1) / spread) ** 0.5
    assert figures["above_luck"] == pytest.approx(stats.norm.cdf(far))


def test_the_probabilistic_sharpe_ratio_is_that_of_the_champions_bar_returns():
    experiment = finished_once()
    row = judged(experiment)["champion", LIVED]
    last = BlockRun.objects.get(round__experiment=experiment, round__index=4, block=0)
    agents = blocks.weights_read(blocks.Saved(last.checkpoint, last.checkpoint_sha256))[0]
    agent = agents[agents["number"] == row.agent.number][0]

    n, mean = int(agent["bars"]), agent["sum1"] / agent["bars"]
    deviation = np.sqrt((agent["sum2"] - n * mean**2) / (n - 1))
    assert row.figures["sharpe"] == pytest.approx(mean / deviation)
    assert row.figures["psr"] == pytest.approx(slow_psr_of_sums(agent))
    assert row.figures["dsr"] <= row.figures["psr"]


def slow_psr_of_sums(agent):
    """Bailey and Lopez de Prado (2012) from power sums, written out."""
    n = int(agent["bars"])
    raw = [agent[f"sum{k}"] / n for k in (1, 2, 3, 4)]
    mean = raw[0]
    m2, m3 = raw[1] - mean**2, raw[2] - 3 * mean * raw[1] + 2 * mean**3
    m4 = raw[3] - 4 * mean * raw[2] + 6 * mean**2 * raw[1] - 3 * mean**4
    sharpe = mean / np.sqrt(m2 * n / (n - 1))
    return stats.norm.cdf(
        sharpe
        * np.sqrt(n - 1)
        / np.sqrt(1 - m3 / m2**1.5 * sharpe + (m4 / m2**2 - 1) / 4 * sharpe**2)
    )


def test_on_the_vault_the_champion_has_intervals_a_place_and_a_chance_of_overfitting():
    rows = judged(finished(tiny(rounds=8, round_bars=96)))
    figures, hold = (
        rows["champion", "out_of_sample"].figures,
        rows["buy_and_hold", "out_of_sample"].figures,
    )

    assert figures["return_low"] <= figures["return"] <= figures["return_high"]
    assert figures["sharpe_low"] <= figures["sharpe"] <= figures["sharpe_high"]
    relative = (1 + figures["return"]) / (1 + hold["return"]) - 1
    assert figures["against_hold_low"] <= relative <= figures["against_hold_high"]
    assert 1 <= figures["place"] <= figures["candidates"] == 20
    assert 0.0 <= figures["pbo"] <= 1.0
    assert "pbo" not in rows["champion", "competition"].figures


def test_constant_exposure_is_as_much_in_as_whom_it_is_set_against():
    rows = judged(finished_once())
    champion, constant = (
        rows[subject, "out_of_sample"].figures for subject in ("champion", "constant_exposure")
    )

    # it is brought back where it is off by more than a hundredth of itself
    assert 0.0 < constant["exposure"] < 1.0
    assert constant["exposure"] == pytest.approx(champion["exposure"], rel=0.01)


def test_every_experiment_that_is_scored_on_a_vault_is_a_look_at_it():
    experiment = finished_once()
    clone = lifecycle.experiment_clone(experiment_uuid=experiment.uuid)
    assert vault_looks(experiment=experiment) == {"own": 1, "others": 0}
    assert vault_looks(experiment=clone) == {"own": 0, "others": 1}

    runner.experiment_run(experiment_uuid=clone.uuid, tell=lambda text: None)

    assert vault_looks(experiment=experiment) == {"own": 1, "others": 1}
    finished(tiny(seed=8))
    assert vault_looks(experiment=experiment) == {"own": 1, "others": 1}


def test_a_vault_elsewhere_on_the_same_series_is_another():
    experiment = finished_once()
    settings = parse(experiment.settings)
    small = settings.model_copy(
        update={"evaluation": settings.evaluation.model_copy(update={"vault": 0.0})}
    )
    other = lifecycle.experiment_create(
        owner=None, name="no vault", settings=small, market=experiment.market
    )

    assert vault(other.market.bars, small) == (other.market.bars, other.market.bars)
    assert vault_looks(experiment=other) == {"own": 0, "others": 0}


def test_an_experiment_not_ended_was_not_judged():
    assert vault_looks(experiment=draft()) == {"own": 0, "others": 0}
