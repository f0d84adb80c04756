"""Image, compose file, chart, rules and dashboard: sound by their makers' own tools, and about this
product: every variable, part, address and metric that they name is there.
"""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from arena.work.counted import COUNTED
from lineage_site.launcher.parts import PARTS
from tests.deploy.manifests import (
    ROOT,
    compose,
    known_variables,
    needs_tools,
    objects,
    rendered,
    tool,
)

ALL_ON = json.dumps(
    {
        "worker": {"autoscaling": {"enabled": True}},
        "ingress": {"enabled": True, "host": "arena.example", "tlsSecret": "cert"},
        "origins": ["https://arena.example"],
        "networkPolicy": {"from": [{"namespaceSelector": {}}]},
    }
)
SHARED = json.dumps({"files": "", "sharedVolume": "claim"})
VALUES = ("{}", ALL_ON, SHARED)
DASHBOARD = json.loads((ROOT / "deploy/grafana/lineage.json").read_text())
RULES = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
# what Prometheus itself says of who it asks
OWN = {"up"}
# what a metric of the whole site stands in at once, but for how fast it grows
SUMMED = re.compile(r"(\w+)(?: by \([^)]*\))? ?\((?:rate\(|increase\()?lineage_site_")
WORD = re.compile(r"\b(lineage_\w+|up)\b")


def ours() -> dict[str, dict]:
    """The compose file's services that run a part of the site."""
    services = compose()["services"]
    return {name: each for name, each in services.items() if "DATABASE_URL_FILE" in str(each)}


def pods(values: str) -> dict[str, dict]:
    """{part: the spec of its pods}"""
    return {
        each["metadata"]["labels"]["app.kubernetes.io/component"]: each["spec"]["template"]["spec"]
        for each in objects(values)
        if each["kind"] in ("Deployment", "Job")
    }


def exported() -> set[str]:
    """Names of all series that /metrics can have."""
    static = {
        sample + ending
        for sample in ("lineage_http_request_seconds",)
        for ending in ("_bucket", "_sum", "_count")
    }
    text = (ROOT / "lineage_site/web/metrics.py").read_text()
    gauges = set(re.findall(r'"(lineage_\w+)"', text)) - {"lineage_http_requests"}
    counters = {f"lineage_site_{name}_total" for name in COUNTED}
    return static | gauges | counters | {"lineage_http_requests_total"}


@needs_tools
def test_the_recipe_of_the_image_is_sound():
    done = tool("hadolint", "Dockerfile")

    assert done.returncode == 0, done.stdout


@needs_tools
def test_the_compose_file_is_one():
    done = tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")

    assert done.returncode == 0, done.stdout


@needs_tools
@pytest.mark.parametrize("values", VALUES)
def test_a_cluster_takes_every_object_of_the_chart(tmp_path, values):
    (tmp_path / "chart.yaml").write_text(rendered(values))

    done = tool("kubernetes-validate", "--strict", str(tmp_path / "chart.yaml"))

    assert done.returncode == 0 and "WARN" not in done.stderr + done.stdout, done.stderr


@needs_tools
@pytest.mark.parametrize(
    "values",
    [
        {"worker": {"replicas": "two"}},
        {"wroker": {}},
        {"files": "http://bucket"},
        {"image": {"repository": "lineage", "digest": "latest"}},
    ],
)
def test_values_that_make_no_sense_are_refused(values):
    done = tool(
        "python",
        "-c",
        "import helm_python, sys, json\n"
        "with helm_python.Chart.load('deploy/chart') as chart:\n"
        "    chart.validate_schema(json.loads(sys.argv[1]))",
        json.dumps(values),
    )

    assert done.returncode != 0


@needs_tools
@pytest.mark.parametrize("values", VALUES)
def test_pods_may_nothing_that_they_need_not(values):
    assert pods(values).keys() == {"web", "worker", "timer", "migrate"}
    for part, spec in pods(values).items():
        [container] = spec["containers"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert container["resources"].keys() == {"requests", "limits"}, part
        assert [each["name"] for each in container["env"] if each["name"] not in variables()] == []


@needs_tools
def test_pods_start_parts_that_there_are_and_probes_ask_what_answers():
    for part, spec in pods("{}").items():
        [container] = spec["containers"]
        assert container["args"] == [part] and part in PARTS
        # five seconds before it is told, eight to end, and as long again
        assert spec["terminationGracePeriodSeconds"] >= 20
    [web] = pods("{}")["web"]["containers"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = web[probe]["httpGet"]
        assert asked["path"] == "/healthz"
        # any other name would be refused
        assert asked["httpHeaders"] == [{"name": "Host", "value": "localhost"}]


@needs_tools
def test_workers_are_scaled_by_a_metric_that_there_is():
    [scaler] = [each for each in objects(ALL_ON) if each["kind"] == "HorizontalPodAutoscaler"]
    [metric] = scaler["spec"]["metrics"]

    assert metric["external"]["metric"]["name"] in exported()


def variables() -> set[str]:
    return known_variables()


def test_containers_are_given_variables_that_are_read():
    for name, service in ours().items():
        unknown = [each for each in service["environment"] if each not in variables()]
        assert unknown == [], name


def test_containers_start_parts_that_there_are_and_write_to_no_image():
    assert ours().keys() == {"migrate", "web", "worker", "timer"}
    for name, service in ours().items():
        assert service["command"] == [name] and name in PARTS
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]


def test_every_secret_that_a_container_is_given_is_drawn(tmp_path):
    (tmp_path / "make-secrets").write_text((ROOT / "deploy/make-secrets").read_text())
    for _ in range(2):
        subprocess.run(["sh", tmp_path / "make-secrets"], check=True, capture_output=True)
    folder = tmp_path / "secrets"

    files = {name: each["file"] for name, each in compose()["secrets"].items()}

    drawn = {f"deploy/secrets/{name}" for name in os.listdir(folder)}
    # of Redis, whose password stands in its own file of settings and in the address
    assert drawn - {"deploy/secrets/redis_password"} == set(files.values())
    assert folder.stat().st_mode & 0o077 == 0
    assert len((folder / "secret_key").read_text()) == 64
    assert json.loads((folder / "objects.json").read_text())["identities"]
    for service in compose()["services"].values():
        assert set(service.get("secrets", ())) <= files.keys()


def test_the_image_copies_what_there_is_and_starts_the_launcher():
    text = (ROOT / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE)
    let_in = (ROOT / ".dockerignore").read_text()
    for name in " ".join(copied).split():
        assert (ROOT / name).exists() and f"!{name}\n" in let_in, name
    assert 'ENTRYPOINT ["python3", "-m", "lineage_site.launcher"]' in text
    assert "USER 10001:10001" in text
    # no digest is invented: who builds pins the base
    assert re.search(r"^ARG BASE=\S+:\S+$", text, re.MULTILINE) and "@sha256:0" not in text


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool on PATH")
@pytest.mark.parametrize(("verb", "file"), [("check", "rules.yml"), ("test", "rules_test.yml")])
def test_prometheus_takes_the_rules_and_they_say_what_they_mean(verb, file):
    command = ["promtool", verb, "rules", f"deploy/prometheus/{file}"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def queries() -> dict[str, str]:
    """Of every panel and rule."""
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in DASHBOARD["panels"]
        for target in panel["targets"]
    }
    return found | {
        rule["alert"]: rule["expr"] for group in RULES["groups"] for rule in group["rules"]
    }


@pytest.mark.parametrize("name", queries())
def test_what_is_asked_of_prometheus_is_told_to_it(name):
    named = set(WORD.findall(queries()[name]))

    assert named and named <= exported() | OWN


@needs_tools
def test_every_query_can_be_read():
    expressions = [each.replace("$__rate_interval", "5m") for each in queries().values()]
    code = "import json, sys, promql_parser\nfor each in json.loads(sys.argv[1]):\n"
    code += "    promql_parser.parse(each)"

    done = tool("python", "-c", code, json.dumps(expressions))

    assert done.returncode == 0, done.stderr


def test_what_is_of_the_whole_site_is_never_added_up_over_web_processes():
    for name, query in queries().items():
        for found in SUMMED.finditer(query):
            assert found[1] == "max", (name, found[0])
