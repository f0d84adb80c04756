"""FILES says where files are kept, and a value that makes no sense stops the start."""

import pytest

from lineage_site.environment import env, file_place


@pytest.fixture
def asked(monkeypatch, tmp_path):
    def ask(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return file_place.storage(tmp_path)

    for name in ("FILES", "S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY", "FILES_CACHE_MB"):
        monkeypatch.delenv(name, raising=False)
    return ask


def test_a_folder_of_this_machine_or_one_that_is_named(asked, tmp_path):
    assert asked()["OPTIONS"] == {"location": tmp_path / "storage"}
    assert asked(FILES=str(tmp_path / "shared"))["OPTIONS"] == {"location": tmp_path / "shared"}


def test_a_bucket_with_its_keys_and_a_secret_in_a_file(asked, tmp_path):
    (tmp_path / "secret").write_text("something\n")

    found = asked(
        FILES="s3://bucket/a/b/",
        S3_ENDPOINT="http://127.0.0.1:8333/",
        S3_ACCESS_KEY="somebody",
        S3_SECRET_KEY_FILE=str(tmp_path / "secret"),
        FILES_CACHE_MB="100",
    )["OPTIONS"]

    assert (found["bucket_name"], found["location"]) == ("bucket", "a/b")
    assert found["endpoint_url"] == "http://127.0.0.1:8333"
    assert (found["access_key"], found["secret_key"]) == ("somebody", "something")
    assert found["most_bytes"] == 100_000_000


@pytest.mark.parametrize(
    "values",
    [
        {"FILES": "s3://"},
        {"FILES": "gs://bucket"},
        {"FILES": "s3://user@bucket"},
        {"FILES": "s3://bucket", "S3_ENDPOINT": "objects:8333"},
        {"FILES": "s3://bucket", "FILES_CACHE_MB": "1"},
        {"FILES": "s3://bucket", "S3_SECRET_KEY_FILE": "/nowhere/at/all"},
    ],
)
def test_nonsense_is_refused(asked, values):
    with pytest.raises(env.BadEnvironment):
        asked(**values)


def test_without_its_package_a_bucket_is_refused_with_the_remedy(asked, monkeypatch, capsys):
    monkeypatch.setattr(file_place.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(env.BadEnvironment):
        asked(FILES="s3://bucket")

    assert "requirements-objects.txt" in capsys.readouterr().err
