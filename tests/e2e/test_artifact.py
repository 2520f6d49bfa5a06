"""What is shipped to Lambda, opened."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from saga.aws import SHORT_LISTS
from saga.settings import Settings
from tests.contract.template import FUNCTIONS
from tools.base.cloudformation import parse_template
from tools.base.target import ROOT, Target
from tools.deploying.build import BUILD, RUNTIME, architecture, build
from tools.deploying.endpoints import SHORT

MACHINE = {"x86_64": "x86_64", "arm64": "aarch64"}
LIBRARIES = {
    *("aws_lambda_powertools", "jmespath", "tenacity"),
    *("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection"),
}
DATA_CLASSES = "aws_lambda_powertools.utilities.data_classes."
OF_THEM = {"common", "shared_functions", "api_gateway_proxy_event", "event_bridge_event"}
"""Powertools' modules with the data classes that functions use, and what these import."""

# One process builds it.
pytestmark = pytest.mark.xdist_group("emulator")


@pytest.fixture(scope="module")
def artifact(target: Target) -> Path:
    build(target)
    resources = parse_template((BUILD / "template.yaml").read_text())["Resources"].values()
    functions = [resource for resource in resources if resource["Type"] == "AWS::Serverless::Function"]
    (folder,) = {function["Properties"]["CodeUri"] for function in functions}
    return (BUILD / str(folder)).resolve()


def test_the_binary_wheel_is_for_the_targets_python_and_processor(artifact: Path, target: Target) -> None:
    tag = f"cpython-{RUNTIME.removeprefix('python').replace('.', '')}-{MACHINE[architecture(target)]}-linux-gnu"
    assert [path.name for path in artifact.rglob("*.so")] == [f"_pydantic_core.{tag}.so"]


def test_every_pinned_requirement_is_there_in_its_version(artifact: Path) -> None:
    lines = (ROOT / "src" / "requirements.txt").read_text().splitlines()
    pinned = {line.split(" ")[0].replace("-", "_") for line in lines if "==" in line}
    shipped = {path.name.removesuffix(".dist-info").replace("-", "==", 1) for path in artifact.glob("*.dist-info")}
    assert {name.lower() for name in shipped} == {name.lower() for name in pinned}


@pytest.mark.parametrize("stranger", ["boto3", "botocore", "tools", "tests", "pytest", "moto", "ministack"])
def test_nothing_else_is_shipped(artifact: Path, stranger: str) -> None:
    assert not (artifact / stranger).exists()


def test_the_short_list_of_endpoints_is_where_the_loader_looks_for_it(artifact: Path) -> None:
    shipped = json.loads((artifact / SHORT).read_text())["partitions"]
    assert {service for partition in shipped for service in partition["services"]} >= {"dynamodb", "events"}
    assert (artifact / "saga" / "aws.py").parent / Path(SHORT_LISTS).name == (artifact / SHORT).parent


def test_all_of_src_is_shipped(artifact: Path) -> None:
    sources = [path.relative_to(ROOT / "src") for path in (ROOT / "src").rglob("*.py")]
    assert sources
    assert [path for path in sources if not (artifact / path).is_file()] == []


def test_every_module_is_byte_compiled_and_never_checked_against_its_source(artifact: Path) -> None:
    modules = [path for path in artifact.rglob("*.py") if "data" not in path.parts]
    unchecked_hash = b"\x01\x00\x00\x00"
    for module in modules:
        compiled = Path(importlib.util.cache_from_source(str(module))).read_bytes()
        assert compiled[:4] == importlib.util.MAGIC_NUMBER
        assert compiled[4:8] == unchecked_hash


def test_it_stays_below_eleven_megabytes(artifact: Path) -> None:
    size = sum(path.stat().st_size for path in artifact.rglob("*") if path.is_file())
    assert size < 11_000_000


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_cold_start_imports_what_it_needs_and_searches_for_no_garbage(artifact: Path, function: str) -> None:
    module = FUNCTIONS[function]["Handler"].rpartition(".")[0]
    settings = {name.upper(): "60" for name in Settings.model_fields}
    in_lambda = {"AWS_LAMBDA_FUNCTION_NAME": function, "AWS_DEFAULT_REGION": "us-east-1"}
    searches = "sum(generation['collections'] for generation in gc.get_stats())"
    program = f"""if True:
        import gc, json, sys
        gc.collect()
        before = {searches}
        import {module}
        print(json.dumps([list(sys.modules), {searches} - before]))
    """
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=settings | in_lambda | {"PYTHONPATH": str(artifact)},
        capture_output=True,
        text=True,
        check=True,
    )
    modules, searches_for_garbage = json.loads(done.stdout)
    packages = {name.partition(".")[0] for name in modules}
    there = {path.stem for path in artifact.iterdir()}
    assert packages & there == LIBRARIES | {"saga", "contract", module.partition(".")[0]}
    assert {name.removeprefix(DATA_CLASSES) for name in modules if name.startswith(DATA_CLASSES)} <= OF_THEM
    assert "saga.snap_start" in modules  # reseeds the jitter of retries after a restore
    assert searches_for_garbage == 0, f"{module}: its package has to import saga before anything else"
