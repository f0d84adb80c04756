"""The words of the champion card, each with a sentence, a formula and a source: what the page of terms shows."""

from typing import NamedTuple


class Term(NamedTuple):
    """One definition; `key` is its anchor."""

    key: str
    name: str
    text: str
    formula: str
    source: str


RULES = "This project's rules; see ARCHITECTURE.md."
TERMS = (
    Term(
        "competition",
        "Competition",
        "All living agents trade the same window of bars once, with learning and exploration off, after practising on earlier bars only;"
        " what is earned there was out of sample when it was earned.",
        "return = Π (1 + window return) − 1, over the windows an agent lived through",
        RULES,
    ),
    Term(
        "vault",
        "Vault",
        "The last part of the series, which no round practises or competes on; agents are scored on it when the run has ended.",
        "practice → embargo → competition → embargo → vault",
        "López de Prado (2018), Advances in Financial Machine Learning, chapter 7, on purging and embargo.",
    ),
    Term(
        "baselines",
        "Baselines, doing nothing",
        "What needs no learning, on the same bars at the same costs: holding cash, buying and holding, selling short and holding where"
        " shorts are allowed, trading at random, following a breakout, betting against one. All of them trade once their own money at"
        " entry, whatever leverage agents may take, and nothing takes a position from them before their money is gone: no stop, no"
        " margin call. A champion that does not beat them has shown nothing.",
        "cash: return 0; buy and hold: last price / first price − 1, less costs",
        RULES,
    ),
    Term(
        "constant",
        "Constant exposure",
        "The champion's own mean exposure on the stretch, with its sign, held all along at the same costs: brought back where it is off"
        " by more than a hundredth of itself, because a fraction bought once and held drifts away. Who does no better had no sense of time:"
        " it was only in.",
        "w = mean of position value / equity over the bars; equity(t+1) / equity(t) = 1 + w · r(t+1), less costs",
        "Henriksson and Merton (1981), On market timing and investment performance, for the question; the rest is this project's.",
    ),
    Term(
        "trials",
        "Agents tried",
        "Every agent that ever played a round, the dead among them, here and in the owner's other experiments on the same bars: clones,"
        " forks (what they share counts once), other seeds and settings. The best of many looks good by luck alone, and the more there"
        " were, the better it looks. Deleting an experiment does not make them fewer; null worlds, from which nothing was chosen, are"
        " none. The verdict keeps the number of the day it was made.",
        "N = agents with at least one competition window on these bars",
        "Bailey and López de Prado (2014), The deflated Sharpe ratio.",
    ),
    Term(
        "sharpe",
        "Sharpe ratio",
        "Mean return over its deviation: what was earned for the ups and downs it took. That of a year is that of a bar times the root"
        " of the bars in a year, which are counted: as many as the series has in whole years, or weeks where there is no year of it.",
        "SR = mean(r) / deviation(r), r net bar returns; SR a year = SR √(bars a year)",
        "Sharpe (1994), The Sharpe ratio.",
    ),
    Term(
        "psr",
        "Probabilistic Sharpe ratio",
        "Chance that the true Sharpe ratio is above 0, given how many bars there are and how lopsided and fat-tailed their returns are.",
        "PSR(SR*) = Φ((SR − SR*) √(n − 1) / √(1 − γ₃ SR + (γ₄ − 1)/4 · SR²))",
        "Bailey and López de Prado (2012), The Sharpe ratio efficient frontier.",
    ),
    Term(
        "luck",
        "Above luck",
        "The same chance, not against 0 but against the Sharpe ratio that noise alone gives the best of all agents tried, had none of them"
        " any skill. Noise is what shrinks with bars. What agents truly differ in, the good and the ruined, is no luck and is left out."
        " All N count as independent, though children resemble their parents: that asks for too much rather than too little.",
        "PSR(SR₀), SR₀ = √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))), V = 1/(n − 1), n bars",
        "Bailey and López de Prado (2014), with the variance of an estimated ratio by Lo (2002) and Mertens (2002) at SR = 0.",
    ),
    Term(
        "dsr",
        "Deflated Sharpe ratio",
        "The same as published: the benchmark is taken from how much the Sharpe ratios of all agents here differ. Where some have learnt"
        " and others are ruined that is far more than luck, so the verdict does not ask by it.",
        "DSR = PSR(SR₀), SR₀ = √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))), V = a + b/n"
        " by least squares of (SRᵢ − mean)² on a + b/nᵢ over agents i",
        "Bailey and López de Prado (2014), The deflated Sharpe ratio.",
    ),
    Term(
        "mintrl",
        "Minimum track record length",
        "How many bars of such returns it takes to be 95 % sure that the true Sharpe ratio is above 0.",
        "MinTRL = 1 + (1 − γ₃ SR + (γ₄ − 1)/4 · SR²) (Φ⁻¹(0.95) / SR)²",
        "Bailey and López de Prado (2012), The Sharpe ratio efficient frontier.",
    ),
    Term(
        "pbo",
        "Probability of overfitting",
        "Cut the vault into 16 parts; choose the best living agent on 8 of them, and see whether it falls below the median on the other 8;"
        " over all 12,870 ways to do so. Near 50 %: having been good says nothing about being good. A low figure says that"
        " differences between agents last, not that any of them earns.",
        "PBO = share of ways in which rank / (N + 1) < 1/2; at 1/2 it counts half",
        "Bailey, Borwein, López de Prado and Zhu (2017), The probability of backtest overfitting.",
    ),
    Term(
        "bootstrap",
        "95 % interval",
        "The stretch is put together anew 1,000 times from blocks of its own bars; the interval holds the middle 95 % of what comes out.",
        "blocks of geometric length, mean n^(1/3) bars, round the end to the beginning",
        "Politis and Romano (1994), The stationary bootstrap.",
    ),
    Term(
        "place",
        "Place",
        "Where the champion, chosen by its fitness in competition, ranks on the vault among all who were alive at the end.",
        "1 + agents with a higher return",
        RULES,
    ),
    Term(
        "committee",
        "Committee",
        "All who are alive at the end decide together with one account: each is shown what that account sees, and what they think each"
        " action is worth is averaged. In the rounds it is made of all who competed. Nobody chose it among others, so its luck is that of"
        " a single trial; for the champion's luck it counts as one trial more.",
        "action = argmax over a of Σ Qᵢ(s, a), over the agents i; at most 1,024, in a round 256, the oldest",
        "Wiering and van Hasselt (2008), Ensemble algorithms in reinforcement learning.",
    ),
    Term(
        "dissent",
        "Dissent",
        "How often the champion stood on another side of the market than the committee on the same bars, each with its own account, and"
        " how often the next bar proved it right. At 50 % it knew nothing that the others did not.",
        "share of bars with side ≠ committee's; right where (side − committee's) · next return > 0",
        RULES,
    ),
    Term(
        "algebra",
        "A line of algebra",
        "Ridge regression of the next move, and logistic regression of its sign, on the public features that agents see. Slopes, penalty"
        " and the threshold that a forecast must pass are chosen on bars before the vault's embargo. Where that does as well as a"
        " champion, its network found nothing that is not linear.",
        "buy where β · x + c > θ, sell where it is < −θ",
        "Hoerl and Kennard (1970), Ridge regression; Hastie, Tibshirani and Friedman (2009), sections 3.4 and 4.4.",
    ),
    Term(
        "null-worlds",
        "Null worlds",
        "The whole experiment again, same seed and settings, on copies of the market whose bars are put in random order: same drift, same"
        " spread of returns, nothing to learn. If their champions do as well, search found nothing here.",
        "p = (1 + null worlds as good or better) / (1 + null worlds), good: equity over that of buy and hold on the same bars",
        "Phipson and Smyth (2010), Permutation p-values should never be zero.",
    ),
    Term(
        "looks",
        "Looks at the vault",
        "How often agents were scored on these bars, by this experiment and by others on the same series, clones and forks too. Whoever"
        " chooses by what a vault showed has used it up, so the verdict shares out what chance may have among all looks of the owner"
        " until then; after 25, a thousand draws can show nothing any more. Opening a page is no look: pages show what was stored.",
        "one for each end of an experiment whose vault overlaps this one; p ≤ 2.5 % / looks",
        RULES,
    ),
    Term("cagr", "CAGR", "The return of a year that, repeated, gives the whole.", "(1 + return)^(bars a year / bars) − 1", "Standard."),
    Term("volatility", "Volatility", "Deviation of bar returns, as of a year.", "deviation(r) √(bars a year)", "Standard."),
    Term(
        "sortino",
        "Sortino ratio",
        "Like the Sharpe ratio, but only losses count as risk.",
        "mean(r) / √(mean(min(r, 0)²)) · √(bars a year)",
        "Sortino and Price (1994), Performance measurement in a downside risk framework.",
    ),
    Term("calmar", "Calmar ratio", "A year's return over the largest drawdown.", "CAGR / largest drawdown", "Young (1991), Calmar ratio."),
    Term(
        "drawdown",
        "Largest drawdown, and its length",
        "The deepest fall from a peak of equity, and the bars from that peak until it was reached again or the stretch ended.",
        "max over t of 1 − equity(t) / highest equity up to t",
        "Standard.",
    ),
    Term("exposure", "Exposure", "Mean size of the position, whatever its side.", "mean |position value| / equity", "Standard."),
    Term(
        "turnover",
        "Turnover",
        "Bought and sold in a year, in equities.",
        "Σ (entry + exit notional) / equity at entry, a year",
        "Standard.",
    ),
    Term("win_rate", "Win rate", "Share of closed trades with a net gain.", "trades with net profit > 0 / trades", "Standard."),
    Term("profit_factor", "Profit factor", "Net gains over net losses.", "Σ gains / Σ losses", "Standard."),
    Term("expectancy", "Expectancy", "Mean net profit of a trade, in money.", "Σ net profit / trades", "Standard."),
)
