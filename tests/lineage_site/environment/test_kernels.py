"""Compiled kernels are kept by the state of every source that shapes them."""

from pathlib import Path

from lineage_site.environment.kernels import SOURCES, cache_folder
from tests.test_contexts import MODULES

ROOT = Path(__file__).resolve().parents[3]
CODE = ("ml", "agents", "arena")


def of_kernels():
    """Sources that define kernels, and those of the records that kernels are handed."""
    for path in sorted(path for place in CODE for path in (ROOT / place).rglob("*.py")):
        if "from ml.kernels.compiled import" in path.read_text():
            yield path.relative_to(ROOT)
    yield from (Path(*name.split(".")).with_suffix(".py") for name in MODULES)


def test_every_source_that_shapes_a_kernel_counts():
    outside = {
        str(path)
        for path in of_kernels()
        if not any(path.is_relative_to(place) for place in SOURCES)
    }

    assert outside == set()


def test_a_change_of_a_source_leads_to_another_folder(tmp_path):
    source = tmp_path / "ml" / "kernel.py"
    source.parent.mkdir()
    source.write_text("a = 1\n")
    before = cache_folder(tmp_path, tmp_path / "var")
    source.write_text("a = 2\n")

    assert cache_folder(tmp_path, tmp_path / "var") != before
