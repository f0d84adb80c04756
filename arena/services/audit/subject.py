"""What the checks look at: an experiment, its market, and a tolerance for sums of money."""

from dataclasses import dataclass, field
from functools import cached_property

from arena.models import BlockRun, BlockState, Experiment, Round, RoundState
from arena.prices.market.bars import Bars
from arena.prices.market.view import MarketView
from arena.prices.store import bars_read
from arena.selectors.agents.again import is_thin
from arena.selectors.settings_as_of import settings_at_start
from arena.settings_schema import Settings, parse
from arena.store import digests, files
from arena.store.blocks import Saved
from ml.checkpoint import sha256

# of the larger side of a sum; each side adds the same numbers in another order
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Subject:
    """An experiment under audit. left_out: what could not be checked, {what: rounds}."""

    experiment: Experiment
    settings: Settings = field(init=False)
    left_out: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", parse(self.experiment.settings))

    @cached_property
    def series(self) -> tuple[Bars, ...]:
        return bars_read(self.experiment.market)

    @cached_property
    def market(self) -> MarketView:
        return MarketView.of(self.series)

    @cached_property
    def originals(self) -> list[Experiment]:
        """The experiment, the one it was forked from, and so on to the first; ValueError where that
        goes round in a circle.
        """
        found = [self.experiment]
        while (before := found[-1].forked_from) is not None:
            if before in found:
                raise ValueError(f"experiment {self.experiment.pk} is said to be a fork of itself")
            found.append(before)
        return found

    def owner_of(self, index: int) -> Experiment:
        """Who played round `index`: of those that are shared, the one that played it first."""
        for each in self.originals:
            if each.forked_after is None or index > each.forked_after:
                return each
        raise LookupError(f"nobody in its line of forks is said to have played round {index}")

    @cached_property
    def genesis(self) -> str:
        """What the digest chain begins with."""
        founders = sha256(files.read(self.rounds[0].births_file))
        return digests.genesis(
            settings_at_start(experiment=self.originals[-1]),
            self.experiment.market.sha256,
            founders,
        )

    def is_thin(self, index: int) -> bool:
        """Whether the files of a round are not kept: what only they tell is checked by playing it
        again.
        """
        return is_thin(experiment=self.experiment, index=index)

    def leave_out(self, what: str, index: int | None = None) -> None:
        """Note that `what`, of a round where it is one's, cannot be checked: it was written under
        older rules, or is kept no longer.
        """
        rounds = self.left_out.setdefault(what, [])
        if index is not None and index not in rounds:
            rounds.append(index)

    @cached_property
    def rounds(self) -> list[Round]:
        return list(self.experiment.rounds.select_related("experiment__market").order_by("index"))

    @cached_property
    def closed(self) -> list[Round]:
        return [row for row in self.rounds if row.state == RoundState.CLOSED]

    @cached_property
    def done(self) -> list[BlockRun]:
        rows = BlockRun.objects.filter(
            round__experiment=self.experiment, state=BlockState.DONE
        ).select_related("round")
        return list(rows.order_by("round__index", "block").defer("figures", "actions"))


def saved(run: BlockRun) -> Saved:
    """Where a done block was written."""
    return Saved(run.checkpoint, run.checkpoint_sha256)


def apart(left: float, right: float, scale: float) -> bool:
    """Whether two sums of money differ by more than TOLERANCE of `scale`; NaN always does."""
    return not abs(left - right) <= TOLERANCE * max(abs(left), abs(right), scale)
