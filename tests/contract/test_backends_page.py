"""The emulators in containers, and the page that says how the places differ."""

import ast
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.template import ROOT, TEMPLATE
from tools.base.settings import SETTINGS
from tools.base.target import Backend, Target
from tools.deploying.build import parameters
from tools.emulator.backends import ADAPTERS, LocalStack

PAGE = ROOT / "docs" / "backends.md"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EXAMPLE = (ROOT / ".env.example").read_text()


def rows() -> dict[str, list[str]]:
    """Return the rows of the table of differences, cell by cell, by their first cell."""
    (table,) = re.findall(r"^\| \| embedded \|.*\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE.read_text(), re.MULTILINE)
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0]: row[1:] for row in cells}


def names_of_tests(file: Path) -> list[str]:
    """Return the names of a file's tests."""
    names = [node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
    return [name for name in names if name.startswith("test_")]


@pytest.mark.parametrize("row", rows())
def test_a_row_says_something_of_each_place_and_names_the_test_that_shows_it_and_where_that_ran(row: str) -> None:
    *places, shown, ran = rows()[row]
    assert len(places) == len(Backend) + 1
    assert all(places)
    if shown == "unverified":
        assert ran == "nothing"
    else:
        name, link = re.fullmatch(r"\[(test_\w+\.py)\]\((\S+)\)", shown).groups()  # type: ignore[union-attr]
        assert (Path(link).name, names_of_tests(PAGE.parent / link) != []) == (name, True)
        on = ran.split(", ")
        assert on == [backend for backend in Backend if backend in on]
        assert Backend.EMBEDDED in on


@pytest.mark.parametrize("backend", list(Backend))
def test_what_a_backend_lacks_is_a_row_whose_test_is_not_said_to_have_run_there(backend: Backend) -> None:
    for feature in ADAPTERS[backend].lacks:
        *_, ran = rows()[feature]
        assert backend not in ran.split(", "), feature


def test_there_is_a_service_for_each_backend_that_is_a_container_and_it_is_started_only_if_asked_for() -> None:
    assert {name: service["profiles"] for name, service in SERVICES.items()} == {
        backend: [backend] for backend in Backend if backend is not Backend.EMBEDDED
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_answers_this_machine_alone_and_says_when_it_is_healthy(name: str) -> None:
    port = "${PORT:-4566}"
    assert SERVICES[name]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert f"127.0.0.1:{port}/" in SERVICES[name]["healthcheck"]["test"][-1]
    assert SERVICES[name]["container_name"] == f"order-saga-{name}-{port}"


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[a-z]+/[a-z]+:\d+\.\d+\.\d+(-full)?", SERVICES[name]["image"])


def test_ministacks_image_is_of_the_version_that_is_embedded() -> None:
    assert SERVICES["ministack"]["image"] == f"ministackorg/ministack:{version('ministack')}-full"


def test_the_page_speaks_of_the_version_of_localstack_that_is_started() -> None:
    year, month, _ = SERVICES["localstack"]["image"].partition(":")[2].split(".")
    assert f"at version {year}.{month}," in PAGE.read_text()


def test_the_token_comes_from_the_environment_and_an_example_says_where_it_goes() -> None:
    assert SERVICES["localstack"]["environment"][LocalStack.token] == f"${{{LocalStack.token}:-}}"
    assert re.search(rf"^#{LocalStack.token}=$", EXAMPLE, re.MULTILINE)


def test_every_variable_of_the_example_is_one_that_is_read() -> None:
    read = " ".join(SETTINGS) + (ROOT / "docker-compose.yml").read_text()
    named = re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE)
    assert named
    assert [name for name in named if not re.search(rf"\b{name}\b", read)] == []


@pytest.mark.parametrize("backend", list(Backend))
def test_what_the_page_calls_switched_off_is_a_parameter_and_off_on_every_emulator(backend: Backend) -> None:
    target = Target(stage="local", endpoint="http://127.0.0.1:4566", region=None, stack_name="s", backend=backend)
    on_aws = parameters(target.model_copy(update={"endpoint": None}))
    switched = {name for name, value in parameters(target).items() if name not in on_aws and value in {"0", "off"}}
    (said,) = re.findall(r"parameters of the template \((.+)\)", PAGE.read_text())
    assert {f"`{name}`" for name in switched} == set(said.split(", "))
    assert switched <= TEMPLATE["Parameters"].keys()
