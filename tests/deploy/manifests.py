"""The files of a deployment, read for tests; the tools of their makers stand in a place of their
own (`make deploy-check`).
"""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-deploy" / "bin"
NO_TOOLS = "the tools of deployments are not installed: make deploy-check"
RENDER = """
import helm_python, json, sys
values = json.loads(sys.argv[1])
said = helm_python.lint("deploy/chart")
worst = [each for each in said["messages"] if each["severity"] > 1] + said["errors"]
with helm_python.Chart.load("deploy/chart") as chart:
    chart.validate_schema(values)
    texts = chart.render(values, name="demo", namespace="there")
print(json.dumps([worst, list(texts.values())]))
"""
needs_tools = pytest.mark.skipif(not (TOOLS / "hadolint").exists(), reason=NO_TOOLS)


def tool(name: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess:
    """What a tool says of files of ours."""
    return subprocess.run(
        [str(TOOLS / name), *arguments],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


@cache
def rendered(values: str = "{}") -> str:
    """The chart with these values, as the cluster gets it; no warning of Helm's is let pass."""
    done = tool("python", "-c", RENDER, values)
    assert done.returncode == 0, done.stderr
    worst, texts = json.loads(done.stdout.splitlines()[-1])
    assert worst == []
    return "\n---\n".join(texts)


def objects(values: str = "{}") -> list[dict[str, Any]]:
    """The same, read."""
    return [each for each in yaml.safe_load_all(rendered(values)) if each]


@cache
def compose() -> dict[str, Any]:
    """The compose file."""
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def known_variables() -> set[str]:
    """Names that the settings read, and with `_FILE` those whose values files may hold."""
    sources = [ROOT / "lineage_site/settings.py", *(ROOT / "lineage_site/environment").glob("*.py")]
    text = "".join(path.read_text() for path in sources)
    found = set(re.findall(r'(?:read|given|secret)\(\s*"([A-Z0-9_]+)"', text))
    return found | {f"{name}_FILE" for name in found}
