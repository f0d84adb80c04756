"""What the card says of a champion whose track ended before the bars it was judged on did."""

from arena.selectors.card.judged import VAULT, Judged
from arena.selectors.words import whole

WHY = {
    "ruined": "it had lost everything",
    "diverged": "its network gave no number any more",
    "overflow": "its account outgrew what the books can hold",
}
WHERE = {VAULT: "On the vault", "competition": "Replayed on all bars played"}


def ended_words(judged: Judged, stretch: str) -> str:
    """A sentence, "" where the champion went on to the end of the stretch, or was judged before
    that was noted.
    """
    figures = judged.get(("champion", stretch), {})
    why = figures.get("ended_because")
    if why is None:
        return ""
    return (
        f"{WHERE[stretch]} the champion stood still after bar {whole(figures['ended_bar'])}:"
        f" {WHY[why]}. All later bars count as 0."
    )
