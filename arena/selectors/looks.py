"""How often a vault was looked at: bars that were scored on are no longer untouched for whoever chooses by what they showed.

A look is one scoring of agents on the vault: the end of an experiment scores all who live, its baselines and its champion at once.
Pages, reports and exports show what was stored then and score nothing anew, so opening them is no look. Clones, forks and other
experiments on the same series look at the same bars, and count for all of them.
"""

from arena.engine.schedule import vault
from arena.models import Evaluation, Experiment
from arena.settings_schema import parse


def vault_looks(*, experiment: Experiment) -> dict[str, int]:
    """{own, others}: looks at the bars of this experiment's vault, by it and by other experiments on the same series."""
    first, stop = vault(experiment.market.bars, parse(experiment.settings))
    rows = Evaluation.objects.filter(experiment__market=experiment.market_id, stretch="out_of_sample", subject="cash")
    found = {"own": 0, "others": 0}
    for pk, settings in rows.values_list("experiment_id", "experiment__settings"):
        others_first, others_stop = vault(experiment.market.bars, parse(settings))
        if max(first, others_first) < min(stop, others_stop):
            found["own" if pk == experiment.pk else "others"] += 1
    return found
