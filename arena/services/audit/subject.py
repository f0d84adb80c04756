"""What the checks look at: an experiment, its market, and a tolerance for sums of money."""

from dataclasses import dataclass, field
from functools import cached_property

from arena.models import BlockRun, BlockState, Experiment, Round, RoundState
from arena.prices.market.bars import Bars
from arena.prices.store import bars_read
from arena.settings_schema import Settings, parse
from arena.store.blocks import Saved

# of the larger side of a sum; each side adds the same numbers in another order
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Subject:
    """An experiment under audit."""

    experiment: Experiment
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settings", parse(self.experiment.settings))

    @cached_property
    def series(self) -> tuple[Bars, ...]:
        return bars_read(self.experiment.market)

    @cached_property
    def rounds(self) -> list[Round]:
        return list(self.experiment.rounds.select_related("experiment__market").order_by("index"))

    @cached_property
    def closed(self) -> list[Round]:
        return [row for row in self.rounds if row.state == RoundState.CLOSED]

    @cached_property
    def done(self) -> list[BlockRun]:
        rows = BlockRun.objects.filter(round__experiment=self.experiment, state=BlockState.DONE).select_related("round")
        return list(rows.order_by("round__index", "block").defer("figures", "actions"))


def saved(run: BlockRun) -> Saved:
    """Where a done block was written."""
    return Saved(run.checkpoint, run.checkpoint_sha256)


def apart(left: float, right: float, scale: float) -> bool:
    """Whether two sums of money differ by more than TOLERANCE of `scale`; NaN always does."""
    return not abs(left - right) <= TOLERANCE * max(abs(left), abs(right), scale)
