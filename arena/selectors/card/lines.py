"""The lines of the champion card: a word, its value, and a sentence that says what the value is."""

from arena.engine.evidence.chance import least_p
from arena.selectors.card.judged import LIVED, NAMES, VAULT, Figures, Judged, Worlds, enough, rules
from arena.selectors.words import NONE, number, percent, plural, whole

Line = dict[str, str]


def lines_of(judged: Judged, worlds: Worlds, looks: dict[str, int]) -> list[Line]:
    """{term, label, value, text} each, in the order they are asked; term: an anchor of the page of terms."""
    lived, vault = judged["champion", LIVED], judged.get(("champion", VAULT))
    lines = [_competition(judged), *_luck(lived)]
    if vault:
        lines += [_nothing(judged), *_vault(judged, vault)]
    return [*lines, _nulls(worlds), _looks(looks)]


def _line(term: str, label: str, value: str, text: str) -> Line:
    return {"term": term, "label": label, "value": value, "text": text}


def _competition(judged: Judged) -> Line:
    lived = judged["champion", LIVED]
    where = f"in the {plural(lived['windows'], 'window')} it lived through, {plural(lived['bars'], 'bar')}"
    return _line("competition", "Earned in competition", percent(lived["return"], 2, True), f"{where}; {_others(judged, LIVED)}.")


def _others(judged: Judged, stretch: str) -> str:
    """What the rules earned on the same bars."""
    return ", ".join(f"{NAMES[name]} {percent(each['return'], 2, True)}" for name, each in rules(judged, stretch).items())


def _luck(lived: Figures) -> list[Line]:
    trials = plural(lived["trials"], "agent")
    tale = f"all that ever played a round, the dead among them; this is the fittest alive, after {plural(lived['windows'], 'round')}."
    tried = _line("trials", "Agents tried", whole(lived["trials"]), tale)
    if lived["sharpe"] is None:
        return [tried, _line("psr", "Probabilistic Sharpe ratio", NONE, "its returns never varied: there is nothing to judge.")]
    alone = "chance that its true Sharpe ratio is above 0, had it been the only agent ever tried."
    ratios = f"a Sharpe ratio of {number(lived['luck'], 4)} a bar, its own is {number(lived['sharpe'], 4)}"
    luck = f"the same chance against what luck gives the best of {trials}: {ratios}."
    needs, has = lived["least_bars"], plural(lived["bars"], "bar")
    record = (
        f"needs {plural(round(needs), 'bar')} to be sure at 95 % that it is above 0; has {has}."
        if needs
        else f"no number of such bars would do; has {has}."
    )
    return [
        tried,
        _line("psr", "Probabilistic Sharpe ratio", percent(lived["psr"]), alone),
        _line("dsr", "Deflated Sharpe ratio", percent(lived["dsr"]), luck),
        _line("mintrl", "Minimum track record", whole(needs) if needs else NONE, record),
    ]


def _nothing(judged: Judged) -> Line:
    """Does it beat doing nothing?"""
    own, hold = judged["champion", VAULT]["return"], judged["buy_and_hold", VAULT]["return"]
    beats = [f"{'beats' if own > other else 'does not beat'} {name}" for name, other in (("cash", 0.0), ("buy and hold", hold))]
    both = own > 0.0 and own > hold
    return _line(
        "baselines",
        "Better than doing nothing",
        "yes" if both else "no",
        f"on the vault it {' and '.join(beats)}; whether by luck is asked below.",
    )


def _vault(judged: Judged, vault: Figures) -> list[Line]:
    bars = plural(vault["bars"], "bar")
    ends = f"{percent(vault['return_low'], 1, True)} to {percent(vault['return_high'], 1, True)}"
    against = f"{percent(vault['against_hold_low'], 1, True)} to {percent(vault['against_hold_high'], 1, True)}"
    ratio = f"{number(vault['sharpe_low'], 4)} to {number(vault['sharpe_high'], 4)}"
    found = [
        _line(
            "vault", "Earned on the vault", percent(vault["return"], 2, True), f"on {bars} that no round touched; {_others(judged, VAULT)}."
        ),
        _line("bootstrap", "95 % interval of that", ends, f"against buy and hold {against}; Sharpe ratio a bar {ratio}."),
        _line(
            "place",
            "Place on the vault",
            whole(vault["place"]),
            f"by return among the {plural(vault['candidates'], 'agent')} alive at the end.",
        ),
    ]
    if vault["pbo"] is not None:
        text = "of all ways to choose the best agent on half of the vault, the share in which it falls below the median on the other half."
        found.append(_line("pbo", "Probability of overfitting", percent(vault["pbo"], 0), text))
    return found


def _nulls(worlds: Worlds) -> Line:
    if not worlds:
        return _line("null-worlds", "Among null worlds", NONE, "not run yet: the experiment on shuffled copies of its market.")
    found = worlds["vault"] or worlds["competition"]
    if not found:
        return _line("null-worlds", "Among null worlds", NONE, f"{worlds['done']} of {worlds['asked']} done.")
    null, where = len(found["null"]), "on the vault" if worlds["vault"] else "in competition"
    text = f"place {whole(found['rank'])} of {null + 1} {where}, beside {plural(null, 'champion')} of markets without structure."
    few = "" if enough(null) else f" {plural(null, 'world')} can show no less than {number(least_p(null), 3)}; it takes 19 for 5 %."
    return _line("null-worlds", "Among null worlds", f"p = {number(found['p'], 3)}", text + few)


def _looks(looks: dict[str, int]) -> Line:
    others = (
        f"{plural(looks['others'], 'time')} by other experiments on the same bars"
        if looks["others"]
        else "by no other experiment on the same bars"
    )
    again = " Each look that led to another choice makes the vault less of one." if looks["own"] + looks["others"] > 1 else ""
    text = f"{plural(looks['own'], 'time')} by this experiment, {others}.{again}"
    return _line("looks", "Looks at the vault", whole(looks["own"] + looks["others"]), text)
