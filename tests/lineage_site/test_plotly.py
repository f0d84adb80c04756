"""The charts' library is the file that its recipe makes, with the licences of what is in it."""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPE, SERVED = ROOT / "vendor" / "plotly", ROOT / "static" / "vendor" / "plotly"


def wanted(*places: str) -> dict[str, str]:
    told = json.loads((RECIPE / "package.json").read_text())
    return {name: version for place in places for name, version in told[place].items()}


def test_the_file_has_the_digest_that_its_recipe_left():
    digest, name = (RECIPE / "plotly.min.js.sha256").read_text().split()

    assert hashlib.sha256((SERVED / name).read_bytes()).hexdigest() == digest, "run: make plotly"


def test_the_file_is_of_the_version_that_the_recipe_names():
    version = wanted("dependencies")["plotly.js"]
    begins = (SERVED / "plotly.min.js").read_bytes()[:80].decode()

    assert begins.startswith(f"/* plotly.js {version}, in part")


def test_every_package_is_named_by_one_version_and_locked_by_its_digest():
    locked = json.loads((RECIPE / "package-lock.json").read_text())["packages"]

    for name, version in wanted("dependencies", "devDependencies").items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert locked[f"node_modules/{name}"]["version"] == version
    packages = [each for path, each in locked.items() if path]
    assert all(each["integrity"].startswith("sha512-") for each in packages)


def test_the_licences_of_what_is_in_it_lie_beside_it():
    text = (SERVED / "LICENSES.txt").read_text()

    assert f"plotly.js {wanted('dependencies')['plotly.js']} (MIT)" in text
    assert "Permission is hereby granted" in text
    # a line for each package: name, version, licence; none without one
    named = re.findall(r"^(?:@\w+/)?[\w.-]+ \d+\.\d+\.\d+\S* \((.*)\)$", text, re.MULTILINE)
    assert len(named) > 10
    assert set(named) <= {"MIT", "ISC", "BSD-3-Clause", "Zlib"}
