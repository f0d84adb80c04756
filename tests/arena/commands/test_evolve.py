"""A whole experiment from the command line: one JSON line out, one clear line for bad input."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from agents.models import Trade
from arena.models import Experiment, ExperimentState, Round
from arena.prices.files import builtin
from arena.prices.models import MarketData
from arena.services.audit.run import experiment_audit
from arena.services.rounds import playing

pytestmark = pytest.mark.django_db(transaction=True)
CONFIG = """
population = 8
rounds = 3
round_bars = 40
[network]
hidden = [8]
[learning]
replay = 128
batch = 16
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(CONFIG)
    return path


def evolve(*arguments):
    """(result object, what went to standard error)."""
    out, err = io.StringIO(), io.StringIO()
    call_command("evolve", *map(str, arguments), "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue().splitlines()[-1]), err.getvalue()


def prices(path, bars, level=100):
    rows = [
        f"{i},{level + i % 7},{level + 1 + i % 7},{level - 1 + i % 7},{level + 0.5 + i % 7},5"
        for i in range(bars)
    ]
    times = [f"{1_577_836_800 + 3600 * i}" for i in range(bars)]
    path.write_text(
        "\n".join(
            [
                "time,open,high,low,close,volume",
                *(f"{t},{r.split(',', 1)[1]}" for t, r in zip(times, rows, strict=True)),
            ]
        )
    )
    return path


def test_the_last_line_is_the_result(config):
    result, progress = evolve(config)

    assert set(result) >= {
        "experiment",
        "state_sha256",
        "rounds",
        "agents_ever",
        "births",
        "deaths",
        "scars",
        "trades",
        "seconds",
        "agent_steps",
        "agent_steps_per_second",
        "median_agent",
        "champion",
        "baselines",
    }
    assert result["rounds"] == 3
    assert len(result["state_sha256"]) == 64
    assert "round 3 of 3" in progress
    assert result["agents_ever"] == 8 + result["births"] + result["immigrants"]


def test_champion_committee_median_and_baselines_are_judged_on_both_stretches(config):
    result, _ = evolve(config)

    rules = {"buy_and_hold", "constant_exposure", "cash", "random", "momentum", "mean_reversion"}
    judged = [result[name] for name in ("champion", "committee", "median_agent")] + [
        result["baselines"][name] for name in rules
    ]
    assert set(result["baselines"]) == rules | {"ridge", "logistic"}
    assert result["baselines"]["ridge"]["competition"] is None
    assert set(result["baselines"]["ridge"]["out_of_sample"]) == {
        "return",
        "sharpe",
        "max_drawdown",
        "trades",
    }
    for subject in judged:
        for stretch in ("competition", "out_of_sample"):
            assert set(subject[stretch]) == {"return", "sharpe", "max_drawdown", "trades"}
    assert result["baselines"]["cash"]["out_of_sample"] == {
        "return": 0.0,
        "sharpe": None,
        "max_drawdown": 0.0,
        "trades": 0,
    }
    # all agents, and their committee
    assert result["champion"]["trials"] == result["agents_ever"] + 1
    assert 0.0 <= result["champion"]["dsr"] <= result["champion"]["psr"] <= 1.0
    assert result["champion"]["vault_looks"] == 1


def test_what_evolve_leaves_behind_is_sound(config):
    evolve(config)

    assert list(experiment_audit(experiment=Experiment.objects.get())) == []


def test_the_seed_of_the_command_line_goes_before_the_files(config):
    evolve(config, "--seed", 5)

    assert Experiment.objects.get().seed == 5


def test_a_file_of_prices_becomes_the_market(config, tmp_path):
    result, _ = evolve(config, "--market", prices(tmp_path / "prices.csv", 700))

    market = MarketData.objects.get()
    assert (market.bars, market.data_kind, market.source) == (700, "historical", "file prices.csv")
    assert result["rounds"] == 3


def test_a_file_of_prices_is_resampled_where_the_settings_ask_for_it(config, tmp_path):
    config.write_text(CONFIG + "[market]\nkind = 'bootstrap'\nblock = 20\n")

    evolve(config, "--market", prices(tmp_path / "prices.csv", 700))

    market = Experiment.objects.get().market
    assert (market.data_kind, market.drawn_from.source) == ("simulated", "file prices.csv")
    assert (
        market.source == "stationary block bootstrap, blocks of 20 bars, seed 1, of file prices.csv"
    )


def test_several_files_become_one_market_of_several_symbols(config, tmp_path):
    one, two = prices(tmp_path / "one.csv", 700), prices(tmp_path / "two.csv", 650, level=200)
    config.write_text(CONFIG + "[life]\ndirection = 'long_short'\n")

    evolve(config, "--market", one, "--market", two)

    run = Experiment.objects.get()
    assert (run.market.symbols, run.market.bars) == (["one.csv", "two.csv"], 650)
    assert run.settings["market"]["paths"] == [str(one), str(two)]
    assert set(Trade.objects.values_list("symbol", flat=True)) == {0, 1}
    assert list(experiment_audit(experiment=run)) == []


def test_a_file_stands_beside_a_built_in_series(config, tmp_path):
    daily = tmp_path / "daily.csv"
    bars, _ = builtin.load("ibm_daily")
    rows = [
        f"{time // 1000},{close + 1},{close + 2},{close},{close + 1},3"
        for time, close in zip(bars.time, bars.close, strict=True)
    ]
    daily.write_text("\n".join(["time,open,high,low,close,volume", *rows[100:]]))
    config.write_text(CONFIG + f"[market]\nkind = 'file'\npaths = ['{daily}', 'aapl_daily']\n")

    evolve(config)

    market = Experiment.objects.get().market
    assert (market.symbols, market.bars, market.data_kind) == (
        ["daily.csv", "AAPL"],
        len(bars) - 100,
        "historical",
    )
    assert "AAPL: of 3,270 bars left out 100 before or after them." in market.notes


def test_files_that_have_nothing_in_common_leave_nothing(config, tmp_path):
    hourly = prices(tmp_path / "hourly.csv", 700)

    with pytest.raises(
        CommandError, match="their bars differ in length: hourly.csv has 1 hour and IBM.* has 1 day"
    ) as error:
        evolve(config, "--market", hourly, "--market", "ibm_daily")

    assert error.value.returncode == 2
    assert not Experiment.objects.exists() and not MarketData.objects.exists()


def test_an_experiment_on_jumps_runs_to_its_end_and_is_sound(config):
    config.write_text(CONFIG + "[market]\nkind = 'jumps'\nswan_rate = 50.0\n")

    result, _ = evolve(config)

    assert result["rounds"] == 3
    assert list(experiment_audit(experiment=Experiment.objects.get())) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("populaton = 8", "populaton: unknown setting; did you mean population?"),
        ("population = 1", "population: .*allowed: 2 to 100,000"),
        ("population = ", "is not TOML"),
        (
            "population = 8\n[market]\nkind = 'file'\npath = 'nowhere.csv'",
            "market.path: .*nowhere.csv",
        ),
        ("market = 3", "market"),
        ("seed = nan", "seed"),
    ],
)
def test_bad_settings_are_one_line_and_exit_code_2(tmp_path, text, words):
    path = tmp_path / "bad.toml"
    path.write_text(text)

    with pytest.raises(CommandError, match=words) as error:
        evolve(path)

    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    assert not Experiment.objects.exists()


def test_what_a_run_takes_is_estimated_before_it_begins(config):
    _, progress = evolve(config)

    estimated, played = progress.index("An estimate: about "), progress.index("round 1 of 3")
    assert estimated < played


def test_more_than_the_machine_has_is_bad_input_that_names_the_remedy(tmp_path, settings):
    settings.MOST = settings.MOST | {"memory": 1 << 30}
    path = tmp_path / "huge.toml"
    path.write_text('population = 100000\n[network]\nkind = "lstm"\nhidden = [256, 256, 256]\n')

    with pytest.raises(CommandError, match="set population to ") as error:
        evolve(path)

    assert error.value.returncode == 2
    assert not Experiment.objects.exists()


def test_a_config_of_megabytes_nested_or_with_endless_numbers_is_bad_input(tmp_path):
    for text in ("# " + "x" * 300_000, "a = " + "[" * 5_000, "seed = " + "9" * 5_000):
        path = tmp_path / "odd.toml"
        path.write_text(text)
        with pytest.raises(
            CommandError, match=r"odd\.toml: is (larger than 256 KiB|not TOML)"
        ) as error:
            evolve(path)
        assert error.value.returncode == 2


def test_a_missing_config_is_named(tmp_path):
    with pytest.raises(CommandError, match="nothing.toml: cannot be read: No such file") as error:
        evolve(tmp_path / "nothing.toml")

    assert error.value.returncode == 2


def test_bad_prices_name_file_and_line_and_leave_nothing(config, tmp_path):
    path = prices(tmp_path / "prices.csv", 700)
    lines = path.read_text().splitlines()
    lines[300] = lines[300].replace(",5", ",nan")
    path.write_text("\n".join(lines))

    with pytest.raises(CommandError, match="prices.csv.*301") as error:
        evolve(config, "--market", path)

    assert error.value.returncode == 2
    assert not Experiment.objects.exists() and not MarketData.objects.exists()


def test_too_short_a_series_is_bad_input(config, tmp_path):
    with pytest.raises(CommandError, match="round_bars: the series has 60 bars") as error:
        evolve(config, "--market", prices(tmp_path / "prices.csv", 60))

    assert error.value.returncode == 2


def test_a_failed_experiment_prints_its_result_and_exits_with_1(config, monkeypatch):
    def fail(*args):
        raise ArithmeticError("poison")

    monkeypatch.setattr(playing.engine, "play", fail)

    with pytest.raises(
        CommandError, match="block 0 of round 0 failed 3 times, last with ArithmeticError: poison"
    ) as error:
        evolve(config)

    assert error.value.returncode == 1


def test_an_interrupted_run_is_stopped_and_keeps_what_was_closed(config, monkeypatch):
    play = playing.engine.play

    def interrupt(block, market, plan, *rest):
        if plan.index == 2:
            raise KeyboardInterrupt
        return play(block, market, plan, *rest)

    monkeypatch.setattr(playing.engine, "play", interrupt)

    with pytest.raises(CommandError, match="interrupted"):
        evolve(config)

    experiment = Experiment.objects.get()
    assert (experiment.state, experiment.rounds_done) == (ExperimentState.STOPPED, 2)
    assert list(experiment_audit(experiment=experiment)) == []


def test_a_series_too_short_for_its_rounds_is_warned_of_before_it_is_played(config, tmp_path):
    result, progress = evolve(config, "--market", prices(tmp_path / "short.csv", 520))

    warning = next(line for line in progress.splitlines() if line.startswith("warning: "))
    assert result["fresh_rounds"] == 1
    assert warning == f"warning: {result['reuse']}"
    assert "520 bars hold 1 fresh round of 40: rounds 1 to 2 run on bars used before" in warning
    assert progress.index(warning) < progress.index("round 1 of 3")
    reused = Round.objects.order_by("index").values_list("reused", flat=True)
    assert list(reused) == [False, True, True]


def test_the_result_tells_the_money_of_the_house(config):
    result, progress = evolve(config)

    books = Round.objects.order_by("index").last().ledger
    assert "warning" not in progress and result["reuse"] == ""
    assert result["profit"] == books["total_equity"] + books["treasury"] - books["money_put_in"]
    assert (result["treasury"], result["money_put_in"]) == (
        books["treasury"],
        books["money_put_in"],
    )
