import resource
import subprocess
import sys

import pytest

# allocates and frees what a block's files take, again and again; pages asked for anew after the
# first time
CHURN = """
import resource, sys
from ml.heap import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def pages():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def churn():
    held = [bytes(bytearray(b"1") * (3 << 20)) for _ in range(5)]
churn()
before = pages()
for _ in range(10):
    churn()
print(pages() - before)
"""
PAGES_OF_A_CHURN = 5 * (3 << 20) // resource.getpagesize()


def new_pages(word: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", CHURN, word], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap alone")
def test_freed_memory_is_used_again():
    """In fresh processes: what a process asked for before has already moved glibc's thresholds."""
    assert new_pages("kept") < PAGES_OF_A_CHURN
    assert new_pages("given back") > 5 * PAGES_OF_A_CHURN
