"""The lines of the champion card: a word, its value, and a sentence that says what the value is."""

from agents.strategies.rules import BuyAndHold, Cash, ConstantExposure, ShortAndHold
from arena.engine.judging.champion import PROVED
from arena.engine.judging.evidence.chance import least_p
from arena.engine.judging.evidence.verdict import looks_at, tail_of
from arena.selectors.card.judged import LIVED, NAMES, VAULT, Figures, Judged, Worlds, enough, rules
from arena.selectors.card.together import together_lines
from arena.selectors.words import NONE, listed, number, percent, plural, whole

Line = dict[str, str]
# rules that do nothing, once they are in or out
IDLE = [rule.name for rule in (BuyAndHold, ShortAndHold, ConstantExposure, Cash)]


def lines_of(judged: Judged, worlds: Worlds, looks: dict[str, int], elsewhere: int) -> list[Line]:
    """{term, label, value, text} each, in the order they are asked; term: an anchor of the page of
    terms.

    looks: at the vault until today; elsewhere: agents that the owner's other experiments have tried
    on these bars until today.
    """
    lived, vault = judged["champion", LIVED], judged.get(("champion", VAULT))
    lines = [_competition(judged), _tried(lived, elsewhere), *_luck(lived)]
    if vault:
        lines += [
            _nothing(judged),
            *_vault(judged, vault),
            *(_line(*each) for each in together_lines(judged, worlds)),
        ]
    return [*lines, _nulls(worlds), _looks(looks, vault)]


def _line(term: str, label: str, value: str, text: str) -> Line:
    return {"term": term, "label": label, "value": value, "text": text}


def _competition(judged: Judged) -> Line:
    lived = judged["champion", LIVED]
    where = (
        f"in the {plural(lived['windows'], 'window')} it lived through,"
        f" {plural(lived['bars'], 'bar')}"
    )
    return _line(
        "competition",
        "Earned in competition",
        percent(lived["return"], 2, True),
        f"{where}; {_others(judged, LIVED)}.",
    )


def _others(judged: Judged, stretch: str) -> str:
    """What the rules earned on the same bars."""
    return ", ".join(
        f"{NAMES[name]} {percent(each['return'], 2, True)}"
        for name, each in rules(judged, stretch).items()
    )


def _tried(lived: Figures, elsewhere: int) -> Line:
    """How many there were when it was judged, and how many there are today."""
    here, then, committees = (
        lived.get("agents", lived["trials"]),
        lived["trials"],
        lived.get("committees", 0),
    )
    others = then - here - committees
    parts = [f"{whole(here)} here"] + ["their committee"] * committees
    parts += [f"{whole(others)} of your other experiments on the same bars"] if others > 0 else []
    now = here + committees + elsewhere
    today = f" Today they are {whole(now)}." if now > then else ""
    tale = (
        f"all that ever played a round, the dead among them: {listed(parts)}.{today}"
        f" {_chosen(lived)}"
    )
    return _line("trials", "Agents tried", whole(then), tale)


def _chosen(lived: Figures) -> str:
    """By what the champion was chosen: a leaderboard knows no least age."""
    rounds = plural(lived["windows"], "round")
    return (
        f"This is the fittest alive of those who lived through {PROVED} rounds, or through all; it"
        f" has lived through {rounds}."
    )


def _luck(lived: Figures) -> list[Line]:
    trials = plural(lived["trials"], "trial")
    if lived["sharpe"] is None:
        return [
            _line(
                "psr",
                "Probabilistic Sharpe ratio",
                NONE,
                "its returns never varied: there is nothing to judge.",
            )
        ]
    single = "chance that its true Sharpe ratio is above 0, had it been the only agent ever tried."
    ratios = (
        f"a Sharpe ratio of {number(lived['luck'], 4)} a bar, its own is"
        f" {number(lived['sharpe'], 4)}"
    )
    luck = (
        f"the same chance against what the best of {trials} comes to by how much all of them"
        f" differ: {ratios}."
    )
    needs, has = lived["least_bars"], plural(lived["bars"], "bar")
    record = (
        f"needs {plural(round(needs), 'bar')} to be sure at 95 % that it is above 0; has {has}."
        if needs
        else f"no number of such bars would do; has {has}."
    )
    return [
        _line("psr", "Probabilistic Sharpe ratio", percent(lived["psr"]), single),
        *_above_luck(lived, trials),
        _line("dsr", "Deflated Sharpe ratio", percent(lived["dsr"]), luck),
        _line("mintrl", "Minimum track record", whole(needs) if needs else NONE, record),
    ]


def _above_luck(lived: Figures, trials: str) -> list[Line]:
    """The question that the verdict asks; nothing where it was not asked yet when this was
    judged.
    """
    if lived.get("above_luck") is None:
        return []
    text = (
        f"the same chance against what noise alone gives the best of {trials}, a Sharpe ratio of"
        f" {number(lived['noise_luck'], 4)} a bar."
    )
    return [
        _line(
            "luck", "Above luck", percent(lived["above_luck"]), f"{text} The verdict asks for 95 %."
        )
    ]


def _nothing(judged: Judged) -> Line:
    """Does it beat those who need not look at the market?"""
    own = judged["champion", VAULT]["return"]
    idle = {name: each["return"] for name, each in rules(judged, VAULT).items() if name in IDLE}
    beats = listed([NAMES[name] for name, other in idle.items() if own > other])
    fails = listed([NAMES[name] for name, other in idle.items() if own <= other])
    verdict = " and ".join(
        part for part in (beats and f"beats {beats}", fails and f"does not beat {fails}") if part
    )
    text = f"on the vault it {verdict}; whether by luck is asked below."
    return _line("baselines", "Better than doing nothing", "no" if fails else "yes", text)


def _vault(judged: Judged, vault: Figures) -> list[Line]:
    bars = plural(vault["bars"], "bar")
    ends = _ends(vault, "return")
    against = f"against buy and hold {_ends(vault, 'against_hold')}"
    ratio = f"{number(vault['sharpe_low'], 4)} to {number(vault['sharpe_high'], 4)}"
    found = [
        _line(
            "vault",
            "Earned on the vault",
            percent(vault["return"], 2, True),
            f"on {bars} that no round touched; {_others(judged, VAULT)}.",
        ),
        _line(
            "bootstrap", "95 % interval of that", ends, f"{against}; Sharpe ratio a bar {ratio}."
        ),
        *_timing(judged, vault),
        _line(
            "place",
            "Place on the vault",
            whole(vault["place"]),
            f"by return among the {plural(vault['candidates'], 'agent')} alive at the end.",
        ),
    ]
    if vault["pbo"] is not None:
        text = (
            "of all ways to choose the best agent on half of the vault, the share in which it falls"
            " below the median on the other half."
        )
        found.append(_line("pbo", "Probability of overfitting", percent(vault["pbo"], 0), text))
    return found


def _ends(vault: Figures, name: str) -> str:
    return f"{percent(vault[f'{name}_low'], 1, True)} to {percent(vault[f'{name}_high'], 1, True)}"


def _timing(judged: Judged, vault: Figures) -> list[Line]:
    """Against being in all along; nothing where it was judged before that was asked."""
    if "against_constant_low" not in vault:
        return []
    held = percent(judged["constant_exposure", VAULT]["exposure"])
    text = (
        f"95 % interval, against its own mean exposure on the vault held all along, {held} of"
        " equity: timing, or only being in?"
    )
    return [_line("constant", "Against constant exposure", _ends(vault, "against_constant"), text)]


def _nulls(worlds: Worlds) -> Line:
    if not worlds:
        return _line(
            "null-worlds",
            "Among null worlds",
            NONE,
            "not run yet: the experiment on shuffled copies of its market.",
        )
    found = worlds["vault"] or worlds["competition"]
    if not found:
        return _line(
            "null-worlds", "Among null worlds", NONE, f"{worlds['done']} of {worlds['asked']} done."
        )
    null, where = len(found["null"]), "on the vault" if worlds["vault"] else "in competition"
    text = (
        f"place {whole(found['rank'])} of {null + 1} {where}, beside {plural(null, 'champion')} of"
        " markets without structure."
    )
    few = (
        ""
        if enough(null)
        else (
            f" {plural(null, 'world')} can show no less than {number(least_p(null), 3)}; it takes"
            " 19 for 5 %."
        )
    )
    return _line("null-worlds", "Among null worlds", f"p = {number(found['p'], 3)}", text + few)


def _looks(looks: dict[str, int], vault: Figures | None) -> Line:
    others = (
        f"{plural(looks['others'], 'time')} by other experiments on the same bars"
        if looks["others"]
        else "by no other experiment on the same bars"
    )
    text = (
        f"{plural(looks['own'], 'time')} by this experiment, {others}. {_asked_for(vault)}".rstrip()
    )
    return _line("looks", "Looks at the vault", whole(looks["own"] + looks["others"]), text)


def _asked_for(vault: Figures | None) -> str:
    """How looks enter the verdict: who may choose among several looks is fooled by the luckiest
    of them.
    """
    if not vault or "looks" not in vault:
        return ""
    looks, asked = looks_at(vault), percent(tail_of(looks_at(vault)), 2)
    if looks == 1:
        return (
            f"It was your first when this was judged; each further one divides the {asked} that"
            " chance may have at most."
        )
    return (
        f"It was your look {whole(looks)} when this was judged, so what an interval shows must be"
        f" chance with {asked} at most."
    )
