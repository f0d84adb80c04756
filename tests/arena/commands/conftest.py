"""Settings as a file, small enough for a command that plays them."""

import pytest

CONFIG = """
population = 4
rounds = 1
round_bars = 40
seed = 5
[network]
hidden = [4]
[learning]
replay = 128
batch = 8
"""


@pytest.fixture
def config(tmp_path):
    """The path of the settings with `more` lines at their end."""

    def written(more=""):
        path = tmp_path / "small.toml"
        path.write_text(CONFIG + more)
        return path

    return written
