"""Rewards: the learning signals, each against its formula written out."""

import numpy as np
import pytest

from arena.engine.play import account_of
from arena.engine.trading.rewards import (
    ASYMMETRIC,
    DIFFERENTIAL_SHARPE,
    LOG_RETURN,
    RATE,
    reward_of,
    scar_penalty,
)
from arena.settings_schema import parse
from ml.kernels.compiled import kernel


@kernel
def rewarded(kind, accounts, after):
    """`reward_of` on records, which plain Python cannot hand over."""
    return reward_of(kind, accounts.account[0], accounts.positions[0], after)


def rewards(kind, equities):
    """What an account is rewarded on its way through `equities`."""
    accounts = account_of(1)
    account = accounts.account
    found = []
    for before, after in zip(equities[:-1], equities[1:], strict=True):
        account["peak"] = max(float(account["peak"][0]), before, after)
        account["before"] = before
        found.append(rewarded(kind, accounts, float(after)))
    return np.array(found)


PATH = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 300)))


def test_the_usual_reward_is_a_hundred_times_log_growth():
    assert rewards(LOG_RETURN, PATH) == pytest.approx(100 * np.diff(np.log(PATH)))


def test_a_wiped_out_account_is_rewarded_as_if_a_thousandth_were_left():
    assert rewards(LOG_RETURN, [100.0, -5.0]) == pytest.approx([100 * np.log(1e-3)])


def test_the_differential_sharpe_ratio_is_the_derivative_of_the_moving_sharpe_ratio():
    found, mean1, mean2 = rewards(DIFFERENTIAL_SHARPE, PATH), 0.0, 0.0
    for n, r in enumerate(PATH[1:] / PATH[:-1] - 1):
        step = 1e-6
        sharpe = [
            m1 / np.sqrt(m2 - m1**2) if m2 - m1**2 > 1e-10 else None
            for m1, m2 in moved(mean1, mean2, r, (-step, step))
        ]
        if n > 20:
            assert found[n] == pytest.approx(
                np.clip((sharpe[1] - sharpe[0]) / (2 * step), -10, 10), rel=1e-3, abs=1e-6
            )
        mean1, mean2 = mean1 + RATE * (r - mean1), mean2 + RATE * (r * r - mean2)


def moved(mean1, mean2, r, steps):
    """Both means after moving by each of `steps` towards r."""
    return [(mean1 + step * (r - mean1), mean2 + step * (r * r - mean2)) for step in steps]


def test_the_asymmetric_reward_counts_losses_double_and_new_depths_five_times():
    found = rewards(ASYMMETRIC, [100.0, 110.0, 99.0, 104.5, 93.5])

    assert found == pytest.approx(
        [10 * 0.1, -20 * 0.1 - 5 * 0.1, 10 * (5.5 / 99), -20 * (11 / 104.5) - 5 * 0.05]
    )


def test_only_the_asymmetric_reward_feels_a_scar():
    assert [scar_penalty(kind) for kind in (LOG_RETURN, DIFFERENTIAL_SHARPE, ASYMMETRIC)] == [
        0.0,
        0.0,
        1.0,
    ]


def test_the_settings_offer_exactly_these_rewards():
    for kind in ("log_return", "differential_sharpe", "asymmetric"):
        assert parse({"learning": {"reward": kind}}).learning.reward == kind
