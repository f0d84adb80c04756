"""What the card says of the committee of all alive, of the champion's dissent from it, and of lines
of algebra.
"""

from agents.strategies.rules import COMMITTEE, RULES
from arena.engine.judging.evidence.verdict import doubts
from arena.selectors.card.judged import (
    NAMES,
    VAULT,
    Figures,
    Judged,
    Worlds,
    algebra_as_good,
    null_p,
    rules,
)
from arena.selectors.words import listed, percent, plural

Entry = tuple[str, str, str, str]


def together_lines(judged: Judged, worlds: Worlds) -> list[Entry]:
    """(term, label, value, text) each; nothing of what was not judged."""
    return [*_committee(judged, worlds), *_dissent(judged["champion", VAULT]), *_algebra(judged)]


def committee_edge(judged: Judged, worlds: Worlds) -> bool | None:
    """Whether the committee passes what the champion is asked on the vault, and luck as a single
    trial; None where it was not judged. Whom it was chosen from is no question: it was not chosen.
    """
    figures = judged.get((COMMITTEE, VAULT))
    if figures is None:
        return None
    # the constant exposure that stands there is the champion's; its own is asked by an interval
    others = {name: each for name, each in rules(judged, VAULT).items() if not RULES[name].follows}
    return not doubts({"above_luck": figures["psr"]}, figures, others, null_p(worlds, COMMITTEE))


def algebra_sentence(judged: Judged, *, edge: bool) -> str:
    """That a line of algebra does as well as the champion, or better, after a word on its edge; ""
    where none does.
    """
    sentence = _as_good(judged)
    if not sentence:
        return ""
    return f" But {sentence}." if edge else f" {sentence[0].upper()}{sentence[1:]}."


def _as_good(judged: Judged) -> str:
    names = algebra_as_good(judged)
    if not names:
        return ""
    own = judged["champion", VAULT]["return"]
    better = any(judged[name, VAULT]["return"] >= own for name in names)
    how = "or better" if better else "as far as a 95 % interval can tell"
    return (
        f"{listed([NAMES[name] for name in names])} did as well as the champion on the vault, {how}"
    )


def _committee(judged: Judged, worlds: Worlds) -> list[Entry]:
    figures = judged.get((COMMITTEE, VAULT))
    if figures is None:
        return []
    ends = (
        f"{percent(figures['return_low'], 1, True)} to {percent(figures['return_high'], 1, True)}"
    )
    value = "edge shown" if committee_edge(judged, worlds) else "no edge shown"
    text = (
        f"{plural(figures['members'], 'agent')} with one account, which does what their mean thinks"
        f" best: {percent(figures['return'], 2, True)} on the vault, 95 % interval {ends}. It is"
        " asked what the champion is asked there, and nobody chose it: one"
        f" trial.{_champion_against(judged)}"
    )
    return [("committee", "Committee", value, text)]


def _champion_against(judged: Judged) -> str:
    """Whether the best is better than all together."""
    vault = judged["champion", VAULT]
    low, high = vault.get("against_committee_low"), vault.get("against_committee_high")
    if low is None or high is None:
        return ""
    if low > 0.0:
        return " The champion did better, beyond chance."
    return (
        " It did better than the champion, beyond chance."
        if high < 0.0
        else " It cannot be told from the champion."
    )


def _dissent(vault: Figures) -> list[Entry]:
    if vault.get("dissent") is None:
        return []
    right = vault["dissent_right"]
    proved = (
        "" if right is None else f", and was right by the next bar in {percent(right, 0)} of them"
    )
    text = f"of the vault's bars the champion stood on another side than the committee{proved}."
    return [("dissent", "Champion's dissent", percent(vault["dissent"]), text)]


def _algebra(judged: Judged) -> list[Entry]:
    fitted = {name: each for name, each in rules(judged, VAULT).items() if RULES[name].fitted}
    if not fitted:
        return []
    earned = ", ".join(
        f"{NAMES[name]} {percent(each['return'], 2, True)}" for name, each in fitted.items()
    )
    sentence = _as_good(judged)
    text = (
        f"fitted to the bars before the vault, {earned}:"
        f" {sentence or 'the champion did better, beyond chance'}."
    )
    return [("algebra", "A line of algebra", "does as well" if sentence else "does worse", text)]
