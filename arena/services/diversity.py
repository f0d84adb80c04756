"""How diverse a round was, for its row, and what of it is told as an alarm."""

from collections.abc import Callable
from typing import Any

import numpy as np

from arena.engine import diversity as engine
from arena.engine.packing import unpack_actions
from arena.models import Round
from arena.settings_schema import Settings


def diversity_of(*, row: Round, agents: np.ndarray, weights_of: Callable[[int], np.ndarray], settings: Settings) -> dict[str, Any]:
    """What Round.diversity holds, with the alarms that no earlier round raised.

    agents: AGENT [population] by slot, as the round's blocks left them; weights_of(slot): float32 [parameters].
    """
    actions = np.concatenate([unpack_actions(data) for data in row.blocks.order_by("block").values_list("actions", flat=True)])
    measured = engine.measures(agents, actions, weights_of, settings)
    before = Round.objects.filter(experiment=row.experiment_id, index__lt=row.index).values_list("diversity", flat=True)
    earlier = {name for told in before for name in told.get("alarms", ())}
    return {**measured, "alarms": engine.alarms(measured, earlier, settings)}
