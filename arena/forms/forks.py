"""The form of a fork: after which round, under which name, and with which settings changed."""

from collections.abc import Sequence
from typing import Any

from django import forms

from arena.forms.experiments import TITLES, FieldGroup
from arena.forms.fields import field_of, form_name
from arena.prices.forms.shown import shown_with
from arena.services.experiments.forks import FORKABLE
from arena.settings_schema import SECTIONS, Settings, SettingsError

BASIC = ("name", "after_round", "rounds")


class ForkForm(forms.Form):
    """`changes()`, {dotted key: value}, once it is valid. rounds: those it can begin after;
    settings: as the latest of them left them.
    """

    name = forms.CharField(
        max_length=120,
        required=False,
        label="Name",
        help_text="Left blank, it is called after its original.",
    )

    def __init__(self, *args: Any, rounds: Sequence[int], settings: Settings, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["after_round"] = forms.TypedChoiceField(
            coerce=int,
            label="Fork after round",
            help_text="The last round both share.",
            choices=[(index, f"round {index}") for index in reversed(rounds)],
            initial=rounds[-1],
        )
        for name in ("name", "after_round"):
            shown_with(self.fields[name])
        for key in FORKABLE:
            self.fields[form_name(key)] = field_of(key)
            section, _, name = key.rpartition(".")
            self.fields[form_name(key)].initial = getattr(
                getattr(settings, section) if section else settings, name
            )

    def groups(self) -> list[FieldGroup]:
        """The basic fields, then each section's that may change."""
        groups = [FieldGroup("basic", "The fork", "", False, [self[name] for name in BASIC])]
        for section, model in SECTIONS.items():
            names = [
                form_name(f"{section}.{key}")
                for key in model.model_fields
                if f"{section}.{key}" in FORKABLE
            ]
            if names:
                groups.append(
                    FieldGroup(section, *TITLES[section], True, [self[name] for name in names])
                )
        return groups

    def changes(self) -> dict[str, Any]:
        """What the person set otherwise than it was shown."""
        return {
            key: self.cleaned_data[form_name(key)]
            for key in FORKABLE
            if form_name(key) in self.changed_data
        }

    def blame(self, error: SettingsError) -> None:
        """Put each problem beside its field, or on top."""
        for key, text in error.problems.items():
            known = form_name(key) if form_name(key) in self.fields else None
            self.add_error(known, text if known else f"{key}: {text}")
