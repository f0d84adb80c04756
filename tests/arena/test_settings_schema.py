"""Settings that were stored before a key was there keep what held then."""

import pytest

from arena.settings_schema import EARLIER, SECTIONS, Settings, parse


def before():
    """A whole set of settings as it was stored before the keys of EARLIER."""
    stored = Settings().model_dump(mode="json")
    for section, keys in EARLIER.items():
        for key in keys:
            del stored[section][key]
    return stored


def test_an_experiment_from_before_a_key_runs_on_as_it_began():
    settings = parse(before())

    assert {
        name: {key: getattr(getattr(settings, name), key) for key in keys}
        for name, keys in EARLIER.items()
    } == EARLIER


@pytest.mark.parametrize(
    "raw", [{}, {"life": {"direction": "long_short"}}, {"learning": {"gamma": 0.9}, "seed": 3}]
)
def test_settings_that_say_little_get_todays_defaults(raw):
    settings = parse(raw)

    assert (settings.life.ladder, settings.learning.starts) == (
        Settings().life.ladder,
        Settings().learning.starts,
    )


def test_what_is_stored_today_is_read_as_it_is():
    assert parse(Settings().model_dump(mode="json")) == Settings()


def test_earlier_keys_are_keys_whose_default_is_another_now():
    for name, keys in EARLIER.items():
        assert all(SECTIONS[name].model_fields[key].default != value for key, value in keys.items())
