"""What of a living agent and of an experiment can be edited in the admin, made from the traits'
bounds and the settings schema.
"""

from typing import Any

from django import forms

from agents.models import Agent
from arena.models import Experiment
from arena.selectors.settings_as_of import RUNTIME_SETTINGS, experiment_values
from arena.services.experiments.interventions import AGENT_FIELDS
from arena.settings_schema import Evolution, SettingsError, limits, parse, unit_of


class SeenForm(forms.ModelForm):
    """Sends along what the person saw, so that values which moved meanwhile do not look like the
    person's changes.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.show_hidden_initial = True

    def seen(self, name: str) -> Any:
        """The value of a field as the page showed it."""
        return self.fields[name].to_python(self.data.get(self[name].html_initial_name))


class AgentForm(SeenForm):
    """Traits of a living agent."""

    class Meta:
        model = Agent
        fields = (*AGENT_FIELDS, "version")
        widgets = {"version": forms.HiddenInput}

    def clean(self) -> dict[str, Any]:
        """Refuse an edit of an agent that somebody else edited meanwhile; what was typed stays on
        the page.
        """
        cleaned = super().clean() or self.cleaned_data
        if "version" in self.fields and cleaned.get("version") != self.instance.version:
            raise forms.ValidationError(
                "Somebody else edited this agent meanwhile%(now)s. Nothing was saved: open the page"
                " again and repeat your change.",
                code="conflict",
                params={"now": self._differences()},
            )
        return cleaned

    def changes(self) -> dict[str, Any]:
        """Fields the person changed, and their new values."""
        return {name: self.cleaned_data[name] for name in AGENT_FIELDS if name in self.changed_data}

    def _differences(self) -> str:
        now = {name: getattr(self.instance, name) for name in AGENT_FIELDS}
        changed = [
            f"{name} is now {value}" for name, value in now.items() if value != self.seen(name)
        ]
        return f" ({', '.join(changed)})" if changed else ""


def _setting(name: str, kind: type[forms.Field]) -> forms.Field:
    """A field of the evolution section; its range is checked by the schema itself."""
    field = Evolution.model_fields[name]
    unit = unit_of(field)
    return kind(
        label=name.capitalize(),
        help_text=f"{field.description} Allowed: {limits(field)}{f' ({unit})' if unit else ''}.",
    )


class ExperimentForm(SeenForm):
    """Name, length and the settings that only the close of a round looks at."""

    turnover = _setting("turnover", forms.FloatField)
    tournament = _setting("tournament", forms.IntegerField)
    strength = _setting("strength", forms.FloatField)

    class Meta:
        model = Experiment
        fields = ("name", "rounds_planned")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        standing = experiment_values(experiment=self.instance) if self.instance.pk else {}
        for key in RUNTIME_SETTINGS:
            self.initial[_short(key)] = standing.get(key)

    def clean(self) -> dict[str, Any]:
        """Every problem the schema finds stands beside its field."""
        cleaned = super().clean() or self.cleaned_data
        evolution = {
            _short(key): cleaned[_short(key)]
            for key in RUNTIME_SETTINGS
            if cleaned.get(_short(key)) is not None
        }
        raw = self.instance.settings
        try:
            parse(raw | {"evolution": raw.get("evolution", {}) | evolution})
        except SettingsError as error:
            for key, text in error.problems.items():
                self.add_error(_short(key) if _short(key) in self.fields else None, text)
        return cleaned

    def changes(self) -> dict[str, Any]:
        """Fields the person changed, by the names the service knows, and their new values."""
        return {
            key: self.cleaned_data[_short(key)]
            for key in self._keys()
            if _short(key) in self.changed_data
        }

    def found(self) -> dict[str, Any]:
        """The same fields as the page showed them."""
        return {key: self.seen(_short(key)) for key in self._keys()}

    def _keys(self) -> list[str]:
        return [
            key
            for key in ("name", "rounds_planned", *RUNTIME_SETTINGS)
            if _short(key) in self.fields
        ]


def _short(key: str) -> str:
    return key.removeprefix("evolution.")
