"""The form asks for every setting of the schema, and says beside each field what the schema says of
it.
"""

import gzip

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from arena.forms.experiments import BASIC, ExperimentForm
from arena.forms.fields import form_name
from arena.presets import PRESETS
from arena.prices.files.builtin import FOLDER
from arena.prices.forms.reading import READING_FIELDS
from arena.settings_schema import Settings, known_keys, parse
from ml.networks.registry import NETWORKS
from tests.arena import world

CSV = gzip.decompress((FOLDER / "ibm_daily.csv.gz").read_bytes())


def sent(**changes):
    """What a browser sends of the form as it stands, with changes; None leaves a field out."""
    form = ExperimentForm()
    values = {name: form[name].value() for name in form.fields if name not in ("upload", "series")}
    values["network__hidden"] = "64, 64"
    values = (
        {"name": "a run"}
        | {
            name: value
            for name, value in values.items()
            if value is not None and value is not False
        }
        | changes
    )
    return {name: value for name, value in values.items() if value is not None}


def errors(files=None, stored=(), **changes):
    return ExperimentForm(sent(**changes), files, stored=stored).errors


def test_there_is_a_field_for_every_setting_but_the_paths():
    form = ExperimentForm()

    assert set(form.fields) == {form_name(key) for key in known_keys()} - {
        "market__path",
        "market__paths",
    } | {
        "name",
        "seeds",
        "series",
        "upload",
        *READING_FIELDS,
    }


def test_every_field_stands_in_one_group_the_basic_ones_first():
    groups = ExperimentForm().groups()

    names = [field.name for group in groups for field in group.fields]
    assert sorted(names) == sorted(ExperimentForm().fields)
    assert [field.name for field in groups[0].fields] == list(BASIC)
    assert [group.advanced for group in groups] == [False] + [True] * 8


def test_every_field_has_a_label_a_help_a_unit_and_a_range():
    for name, field in ExperimentForm().fields.items():
        assert field.label, name
        assert field.help_text, name
        assert isinstance(field.unit, str)
        assert isinstance(field.range_text, str)
    vault = ExperimentForm().fields["evaluation__vault"]
    assert (vault.unit, vault.range_text) == ("of series", "0 to 0.8")
    assert (vault.widget.attrs["min"], vault.widget.attrs["max"]) == ("0", "0.8")


def test_a_form_sent_as_it_stands_is_the_schemas_defaults():
    form = ExperimentForm(sent())

    assert form.is_valid(), form.errors
    assert form.settings == Settings()


def test_what_is_typed_arrives():
    form = ExperimentForm(
        sent(
            network__hidden="32,16",
            learning__gamma="0.9",
            learning__double=None,
            evolution__selection="off",
        )
    )

    assert form.is_valid(), form.errors
    assert form.settings.network.hidden == (32, 16)
    assert form.settings.learning.gamma == 0.9
    assert form.settings.learning.double is False
    assert form.settings.evolution.selection == "off"


def test_a_blank_seed_is_drawn_and_recorded():
    forms = [ExperimentForm(sent(seed="")) for _ in range(2)]

    assert all(form.is_valid() for form in forms)
    assert forms[0].settings.seed != forms[1].settings.seed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("population", "1"),
        ("population", "x"),
        ("population", ""),
        ("rounds", "0"),
        ("round_bars", "1e99"),
        ("seed", "-1"),
        ("learning__gamma", "1"),
        ("learning__gamma", "nan"),
        ("learning__learning_rate", "inf"),
        ("learning__learning_rate", "0"),
        ("network__hidden", "64,x"),
        ("network__hidden", "1,2"),
        ("network__hidden", ""),
        ("network__hidden", "8,8,8,8"),
        ("evolution__preset", "wild"),
        ("costs__fee", "0.5"),
        ("market__kind", "tulips"),
        ("name", ""),
        ("name", "x" * 121),
    ],
)
def test_a_bad_value_is_refused_beside_its_field(name, value):
    assert list(errors(**{name: value})) == [name]


def test_figures_of_a_simulator_have_no_effect_on_another_market():
    assert errors(market__kind="gbm", market__amplitude="7") == {}
    assert "market__amplitude" in errors(market__kind="sine", market__amplitude="7")


@pytest.mark.parametrize(
    "kind", [kind for kind, network in NETWORKS.items() if network.learner != "replay"]
)
def test_prioritised_replay_is_refused_to_a_network_that_does_not_learn_from_single_transitions(
    kind,
):
    problems = errors(network__kind=kind, learning__priority="0.6")

    assert list(problems) == ["learning__priority"]
    assert "q_net, dueling, attention" in problems["learning__priority"][0]
    assert errors(network__kind=kind) == {}


@pytest.mark.parametrize(
    "kind", [kind for kind, network in NETWORKS.items() if network.learner == "replay"]
)
def test_prioritised_replay_is_offered_to_every_network_that_learns_from_single_transitions(kind):
    assert errors(network__kind=kind, learning__priority="0.6") == {}


def test_real_prices_need_a_file_or_a_series():
    assert "upload" in errors(market__kind="file")
    assert errors(market__kind="file", series="builtin:ibm_daily") == {}
    assert "series" in errors(market__kind="file", series="builtin:tulips")
    assert "upload" in errors(market__kind="bootstrap")
    assert errors(market__kind="bootstrap", series="builtin:ibm_daily") == {}


def test_built_in_series_are_offered_side_by_side_too():
    form = ExperimentForm(
        sent(market__kind="file", series="builtin:ibm_daily+aapl_daily+msft_daily")
    )

    assert form.is_valid(), form.errors
    assert (form.settings.market.path, form.settings.market.paths) == (
        "",
        ("ibm_daily", "aapl_daily", "msft_daily"),
    )


def test_a_column_that_nobody_knows_is_chosen_in_the_form():
    odd = CSV.replace(b"close", b"worth", 1)

    assert "upload" in errors({"upload": SimpleUploadedFile("ibm.csv", odd)}, market__kind="file")
    assert not errors(
        {"upload": SimpleUploadedFile("ibm.csv", odd)}, market__kind="file", column_close="worth"
    )


def test_an_uploaded_file_is_understood():
    form = ExperimentForm(sent(market__kind="file"), {"upload": SimpleUploadedFile("ibm.csv", CSV)})

    assert form.is_valid(), form.errors
    assert form.file.series.bars == 3270
    assert form.settings.market.path == "ibm.csv"
    assert form.market is None


def test_a_bad_file_is_refused_with_line_and_column_beside_the_file():
    bad = CSV.replace(CSV.splitlines()[2].split(b",")[1], b"nan", 1)

    problems = errors(files={"upload": SimpleUploadedFile("ibm.csv", bad)}, market__kind="file")

    assert list(problems) == ["upload"]
    assert "line 3" in problems["upload"][0]
    assert "column" in problems["upload"][0]


@pytest.mark.django_db
def test_an_earlier_file_can_be_chosen_again():
    row = world.market(name="mine", data_kind="historical")
    form = ExperimentForm(sent(market__kind="file", series=f"stored:{row.pk}"), stored=[row])

    assert form.is_valid(), form.errors
    assert form.market == row


@pytest.mark.django_db
def test_a_file_of_somebody_else_cannot_be_chosen():
    row = world.market(name="theirs", data_kind="historical")

    assert "series" in errors(market__kind="file", series=f"stored:{row.pk}")


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fills_the_form_with_values_the_schema_takes(name):
    values = PRESETS[name].values
    shown = {
        field: ExperimentForm().fields[field].prepare_value(value)
        for field, value in values.items()
    }
    form = ExperimentForm(
        sent(**shown),
        {"upload": SimpleUploadedFile("ibm.csv", CSV)} if name == "own-file" else None,
    )

    assert set(values) <= set(ExperimentForm().fields)
    assert form.is_valid(), form.errors
    assert parse(form.settings.model_dump(mode="json")) == form.settings
