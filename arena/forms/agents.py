"""The form by which the owner of an experiment changes a living agent."""

from typing import Any

from django import forms

from agents.life.traits import BOUNDS
from agents.models import Agent
from arena.models import Intervention

# what a person reads of each trait that can be changed
LABELS = {
    "learning_rate": "Learning rate",
    "gamma": "Gamma, the discount",
    "epsilon": "Epsilon, the share of random actions",
    "epsilon_bars": "Bars until epsilon has fallen",
    "risk_fraction": "Risk fraction",
    "mutation_rate": "Mutation rate",
    "mutation_strength": "Mutation strength",
}


class AgentEditForm(forms.Form):
    """One trait of a living agent, why it is changed, and which edit of the agent was seen."""

    field = forms.ChoiceField(choices=list(LABELS.items()))
    value = forms.FloatField()
    reason = forms.CharField(
        max_length=Intervention._meta.get_field("reason").max_length,
        error_messages={"required": "Say in a few words why, for whoever reads the run later."},
    )
    version = forms.IntegerField(min_value=0)

    @property
    def problem(self) -> str:
        """What is wrong, in one line; "" of a valid form."""
        return " ".join(str(text) for texts in self.errors.values() for text in texts)


def traits_shown(agent: Agent) -> list[dict[str, Any]]:
    """[{name, label, value, low, high}] of what can be changed."""
    return [
        {
            "name": name,
            "label": label,
            "value": getattr(agent, name),
            "low": BOUNDS[name][0],
            "high": BOUNDS[name][1],
        }
        for name, label in LABELS.items()
    ]
