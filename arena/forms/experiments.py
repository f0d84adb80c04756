"""The form of a new experiment, made from the settings schema; what a person types is checked by
the schema itself.
"""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from arena import settings_schema as schema
from arena.forms.fields import KINDS, SeedsField, field_of, form_name
from arena.prices.files import builtin
from arena.prices.files.confined import ReadFile, read_confined
from arena.prices.files.errors import FeedError
from arena.prices.files.limits import UPLOAD
from arena.prices.forms.reading import READING_FIELDS, reading_fields, reading_said
from arena.prices.forms.shown import shown_with
from arena.prices.models import MarketData
from arena.settings_schema import ON_SERIES, SECTIONS, Settings, SettingsError, parse

BASIC = (
    "name",
    "market__kind",
    "series",
    "upload",
    "population",
    "rounds",
    "round_bars",
    "seed",
    "seeds",
)
HIDDEN = frozenset({"market.path", "market.paths"})
TITLES = {
    "columns": (
        "How your file is read",
        "What it does not say itself: columns, dates, zone, decimals; left blank, all is found.",
    ),
    "market": (
        "Simulated market",
        (
            "Figures of the simulator, or how real prices are shuffled; without effect on real"
            " prices as they were."
        ),
    ),
    "network": ("Network", "The neural network every agent owns."),
    "learning": ("Learning", "How an agent learns from each bar."),
    "evolution": ("Evolution", "Who dies, who breeds, and how children differ."),
    "life": ("Life", "Money, scars and death."),
    "costs": ("Costs", "What a trade costs."),
    "evaluation": ("Evaluation", "What is kept back to judge the result by."),
}
LARGEST_DRAWN_SEED, LARGEST_SEED = 2**31, 2**63 - 1


@dataclass(frozen=True)
class FieldGroup:
    """Fields that stand together on the page."""

    name: str
    title: str
    help: str
    advanced: bool
    fields: list[forms.BoundField]

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.fields)


class ExperimentForm(forms.Form):
    """`settings`, and `bars` with what is known of them or a stored `market`, once it is valid.

    stored: the person's earlier markets, which `series` offers next to the built-in ones.
    """

    name = forms.CharField(
        max_length=120,
        label="Name",
        help_text="What the list will call it.",
        error_messages={"required": "Give it a name, by which the list will call it."},
    )
    seeds = SeedsField(
        required=False,
        max_length=200,
        label="Seeds",
        help_text=(
            "Several runs at once, one for each seed: how many, such as 5, counted up from the seed"
            " above, or which, such as 1, 2, 7 or 1-5. Left blank, it is one run."
        ),
    )
    series = forms.ChoiceField(
        required=False,
        label="Series",
        help_text="Real prices: built in, imported, put together, or a file of yours.",
    )
    upload = forms.FileField(
        required=False,
        allow_empty_file=True,
        label="Your file",
        help_text=(
            "CSV, JSON, Parquet or Feather, packed or not: time, open, high, low, close; up to"
            f" {UPLOAD.stored >> 20} MiB."
        ),
    )

    def __init__(self, *args: Any, stored: Iterable[MarketData] = (), **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.stored = {f"stored:{row.pk}": row for row in stored}
        for key in schema.known_keys():
            if key not in HIDDEN:
                self.fields[form_name(key)] = field_of(key)
        self.fields["seed"].required = False
        self.fields["seed"].help_text += " Left blank, one is drawn and recorded."
        series = self.fields["series"]
        if isinstance(series, forms.ChoiceField):
            series.choices = self._series()
        for name in ("series", "upload"):
            shown_with(self.fields[name], kinds=ON_SERIES)
        for name in ("name", "seeds"):
            shown_with(self.fields[name])
        self.fields |= reading_fields(ON_SERIES)
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = "Give it a value."
        self.settings: Settings | None = None
        self.file: ReadFile | None = None

    # what the page shows

    def groups(self) -> list[FieldGroup]:
        """The basic fields, then each section's others."""
        groups = [
            FieldGroup("basic", "The experiment", "", False, [self[name] for name in BASIC]),
            FieldGroup(
                "columns", *TITLES["columns"], True, [self[name] for name in READING_FIELDS]
            ),
        ]
        for name, section in SECTIONS.items():
            names = [form_name(f"{name}.{key}") for key in section.model_fields]
            fields = [self[each] for each in names if each in self.fields and each not in BASIC]
            groups.append(FieldGroup(name, *TITLES[name], True, fields))
        return groups

    def problems(self) -> list[dict[str, str]]:
        """{field, label, text} of all that is wrong, in the order of the page; field: id of the
        input, "" for what is no single field's.
        """
        found = [{"field": "", "label": "", "text": str(text)} for text in self.non_field_errors()]
        for group in self.groups():
            for field in group.fields:
                found += [
                    {"field": field.id_for_label, "label": str(field.label), "text": str(text)}
                    for text in field.errors
                ]
        return found

    @property
    def seed_list(self) -> list[int]:
        """Of the runs that the valid form asks for, one or more."""
        asked, first = self.cleaned_data.get("seeds"), self.cleaned_data["seed"]
        if isinstance(asked, list):
            return asked
        return [first + i for i in range(asked or 1)]

    def _series(self) -> list[tuple[str, Any]]:
        built_in = [(f"builtin:{name}", series.title) for name, series in builtin.SERIES.items()]
        built_in.append(
            (f"builtin:{'+'.join(builtin.SERIES)}", "IBM, Apple and Microsoft side by side")
        )
        yours = [(key, f"{row.name} ({_size(row)})") for key, row in self.stored.items()]
        return [("", "none"), ("Built in", built_in), *([("Yours", yours)] if yours else [])]

    # what a person sent

    def clean_seed(self) -> int:
        seed = self.cleaned_data["seed"]
        return secrets.randbelow(LARGEST_DRAWN_SEED) if seed is None else seed

    def clean_upload(self) -> UploadedFile | None:
        upload = self.cleaned_data["upload"]
        if upload and self.data.get(self.add_prefix("market__kind")) in ON_SERIES:
            try:
                self.file = read_confined(
                    upload.file,
                    upload.name,
                    int(time.time() * 1000),
                    reading_said(self.data),
                    keep=True,
                )
            except FeedError as error:
                raise forms.ValidationError(error.sentences()) from None
        return upload

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("market__kind") in ON_SERIES and not (
            data.get("upload") or data.get("series") or "upload" in self.errors
        ):
            self.add_error("upload", "Bring a file, or choose a series above.")
        if data.get("seeds") and data.get("seed") is not None and self.seed_list[-1] > LARGEST_SEED:
            self.add_error("seeds", f"The last seed would be more than {LARGEST_SEED:,}.")
        try:
            self.settings = parse(self._raw(data))
        except SettingsError as error:
            self.blame(error)
        return data

    def _raw(self, data: dict[str, Any]) -> dict[str, Any]:
        """The nested mapping that the schema reads; fields already found wrong are left out."""
        name, *others = self._names(data)
        raw: dict[str, Any] = {"market": {"paths": [name, *others]} if others else {"path": name}}
        for key in schema.known_keys():
            section, _, name = key.rpartition(".")
            if form_name(key) in data and self._counts(key, data):
                (raw.setdefault(section, {}) if section else raw)[name] = data[form_name(key)]
        return raw

    def _counts(self, key: str, data: dict[str, Any]) -> bool:
        """Whether the field has an effect: a simulator's figures have none on another market."""
        kinds = KINDS.get(key, ())
        return not kinds or data.get("market__kind") in kinds

    def _names(self, data: dict[str, Any]) -> list[str]:
        """What the settings call the series that was chosen: several names for built-in series side
        by side.
        """
        if data.get("market__kind") not in ON_SERIES:
            return [""]
        if data.get("upload"):
            return [data["upload"].name]
        series = data.get("series") or ""
        return (
            [self.stored[series].name]
            if series in self.stored
            else series.removeprefix("builtin:").split("+")
        )

    def blame(self, error: SettingsError) -> None:
        """Put each problem beside its field: that of a list's element beside the list, a section's
        beside a field it names, else on top.
        """
        for key, text in error.problems.items():
            claim = text.partition(", got ")[0]
            named = (
                [f"{key}.{name}" for name in SECTIONS[key].model_fields if name in claim]
                if key in SECTIONS
                else []
            )
            names = [form_name(each) for each in (key, key.rpartition(".")[0], *named)]
            known = next((name for name in names if name in self.fields), None)
            if known not in self.errors:
                self.add_error(known, text if known else f"{key}: {text}")

    @property
    def market(self) -> MarketData | None:
        """The stored series that was chosen, if one was."""
        upload, series = self.cleaned_data.get("upload"), self.cleaned_data.get("series")
        return (
            self.stored.get(series or "")
            if self.settings and self.settings.market.kind in ON_SERIES and not upload
            else None
        )


def defaults() -> dict[str, Any]:
    """{name of a field: its value on an empty page}, as presets write values."""
    form = ExperimentForm()
    return {
        name: form[name].value() or "" for name in form.fields if form[name].value() is not False
    }


def _size(market: MarketData) -> str:
    """ "3 symbols, 3,270 bars" where there are several."""
    several = f"{len(market.symbols)} symbols, " if len(market.symbols) > 1 else ""
    return f"{several}{market.bars:,} bars"
