"""Everything an experiment runs with, what of it was changed, and what it differs in from the
experiment that it was made from.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from arena.models import Experiment
from arena.selectors.words import NONE, whole
from arena.settings_schema import SECTIONS, Settings, parse, unit_of

TITLES = {"": "Experiment"}
# chosen by the market that an experiment runs on, which is named by itself
ELSEWHERE = ("market.path", "market.paths")


def setting_groups(*, experiment: Experiment) -> list[dict[str, Any]]:
    """[{title, rows: [{key, label, value, unit, default, changed, help}]}], section by section."""
    stored = parse(experiment.settings)
    groups: list[tuple[str, type[BaseModel], Any]] = [("", Settings, stored)]
    groups += [(name, model, getattr(stored, name)) for name, model in SECTIONS.items()]
    return [
        {
            "title": TITLES.get(section, section.capitalize()),
            "rows": [
                _row(f"{section}.{name}" if section else name, field, getattr(values, name))
                for name, field in model.model_fields.items()
                if name not in SECTIONS and f"{section}.{name}" not in ELSEWHERE
            ],
        }
        for section, model, values in groups
    ]


def origin_of(*, experiment: Experiment) -> dict[str, Any] | None:
    """{how, source, after, changes} of a fork or a clone, None of what was made anew; changes:
    [{key, before, after}].
    """
    if experiment.forked_from is not None:
        return {
            "how": "fork",
            "source": experiment.forked_from,
            "after": experiment.forked_after,
            "changes": _changes(experiment.forked_changes),
        }
    source = (
        Experiment.objects.filter(clones=experiment, removed_at=None).first()
        if experiment.cloned_from_id
        else None
    )
    if source is None:
        return None
    changes = _changes(_apart(source, experiment))
    return {"how": "clone", "source": source, "after": None, "changes": changes}


def _changes(pairs: Mapping[str, Sequence[Any]]) -> list[dict[str, str]]:
    """As a page writes them; pairs: {key: (before, after)}."""
    return [
        {"key": key, "before": value_words(before), "after": value_words(after)}
        for key, (before, after) in pairs.items()
    ]


def _apart(source: Experiment, clone: Experiment) -> dict[str, tuple[Any, Any]]:
    """Settings in which the two differ as they stand today."""
    before, after = _flat(source), _flat(clone)
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


def _flat(experiment: Experiment) -> dict[str, Any]:
    values = parse(experiment.settings)
    own = {name: getattr(values, name) for name in Settings.model_fields if name not in SECTIONS}
    return own | {
        f"{section}.{field}": getattr(getattr(values, section), field)
        for section, model in SECTIONS.items()
        for field in model.model_fields
    }


def _row(key: str, field: FieldInfo, value: Any) -> dict[str, Any]:
    default = field.default
    return {
        "key": key,
        "label": key.rpartition(".")[2].replace("_", " "),
        "value": value_words(value),
        "unit": unit_of(field),
        "default": value_words(default),
        "changed": value != default,
        "help": field.description or "",
    }


def value_words(value: Any) -> str:
    """A setting's value as a page writes it."""
    if value is None or value in ("", ()):
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(value_words, value))
    if isinstance(value, int | float) and value == int(value):
        return whole(value)
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
