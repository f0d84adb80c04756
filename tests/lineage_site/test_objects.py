"""Files in an object store: whole, found again by their digest, fetched once, and told in the words
of the operating system where the store is away.
"""

import errno
import os
from collections import Counter

import boto3
import pytest
from django.core.files.base import ContentFile
from moto.server import ThreadedMotoServer

from arena.store import files
from arena.work.faults import machine_words
from lineage_site.objects import CLIENT, ObjectStorage
from ml.checkpoint import CheckpointError, sha256

pytestmark = pytest.mark.slow
KEYS = {"access_key": "somebody", "secret_key": "something"}


@pytest.fixture(scope="module")
def address():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )
    made.create_bucket(Bucket="bucket")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def options(address, tmp_path):
    where = {"bucket_name": "bucket", "location": os.path.basename(tmp_path)}
    room = {"copies": tmp_path / "copies", "most_bytes": 10**6}
    return KEYS | where | room | {"endpoint_url": address, "region_name": "us-east-1"}


@pytest.fixture
def store(options, settings):
    """The storage of the site."""
    backend = {"BACKEND": "lineage_site.objects.ObjectStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return files.default_storage


@pytest.fixture
def asked(store):
    """What was asked of the store: {operation: how often}."""
    found: Counter[str] = Counter()
    events = store.connection.meta.client.meta.events
    events.register(
        "before-call.s3", lambda model, **_: found.update([model.name]), unique_id="count"
    )
    return found


def test_a_file_comes_back_and_is_fetched_once(store, asked):
    files.write("a/b/weights", b"x" * 100_000)
    assert asked == {"HeadObject": 1, "PutObject": 1}
    asked.clear()

    # who wrote it has it
    assert files.read("a/b/weights", sha256(b"x" * 100_000)) == b"x" * 100_000
    store.forget("a/b/weights")
    assert files.read("a/b/weights") == files.read("a/b/weights") == b"x" * 100_000
    assert files.piece("a/b/weights", 10, 20) == b"x" * 20

    assert asked == {"GetObject": 1}


def test_all_that_a_folder_can_is_there(store):
    files.write("a/b/one", b"1")
    files.write("a/b/two", b"22")
    files.write("a/c/three", b"333")
    files.write("a/b/two", b"22")

    assert files.exists("a/b/one") and not files.exists("a/b/none")
    assert [files.size(name) for name in ("a/b/two", "a/b/none")] == [2, 0]
    assert list(files.within("a")) == ["a/b/one", "a/b/two", "a/c/three"]
    assert files.folders("a") == ["b", "c"]
    assert files.age("a/b/one").total_seconds() < 60
    assert files.remove("a/b/one", "a/b/none") == 1
    files.folder_remove("a/c")
    assert list(files.within("a")) == ["a/b/two", "a/c/three"]


def test_a_file_written_anew_under_its_name_is_another(store):
    files.write("a", b"of an attempt that died")

    files.write("a", b"what it is")

    assert files.read("a") == b"what it is"


def test_a_copy_that_a_disk_has_changed_is_fetched_again(store):
    files.write("a", b"what it is")
    path = store.copies._place("a")
    path.write_bytes(b"what it was")

    assert files.read("a", sha256(b"what it is")) == b"what it is"

    path.write_bytes(b"what it was")
    files.check("a", sha256(b"what it is"))


def test_a_file_that_was_changed_in_the_store_is_refused(store, options):
    files.write("a", b"what it is")
    elsewhere = ObjectStorage(**options | {"copies": options["copies"] / "elsewhere"})
    elsewhere.save("a", ContentFile(b"what it is not"))

    store.forget("a")

    with pytest.raises(CheckpointError, match="has changed since it was written"):
        files.read("a", sha256(b"what it is"))


def test_what_is_missing_is_missing(store):
    with pytest.raises(CheckpointError, match="missing from the storage"):
        files.read("nothing")


def test_a_store_that_is_away_is_the_machine_s_fault(options, monkeypatch):
    impatient = CLIENT.merge(type(CLIENT)(retries={"max_attempts": 1}))
    away = ObjectStorage(
        **options | {"endpoint_url": "http://127.0.0.1:9", "client_config": impatient}
    )

    for use in (
        lambda: away.open("a"),
        lambda: away.save("a", ContentFile(b"a")),
        lambda: away.exists("a"),
        lambda: away.listdir(""),
        lambda: away.delete("a"),
    ):
        with pytest.raises(TimeoutError) as caught:
            use()
        assert machine_words(caught.value).startswith("storage or network is away")


def test_a_bucket_that_is_not_there_is_no_missing_file(options):
    nowhere = ObjectStorage(**options | {"bucket_name": "nowhere"})

    with pytest.raises(OSError, match="NoSuchBucket") as caught:
        nowhere.save("a", ContentFile(b"a"))

    assert caught.value.errno == errno.EIO


def test_a_child_has_a_line_of_its_own(store):
    ours = store.connection

    store.process -= 1

    assert store.connection is not ours
