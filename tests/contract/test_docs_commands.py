"""Every command of the pages is run by a test, or marked with what it needs; its variables are the Makefile's."""

import re

import pytest

from tests.e2e.shown import MEANWHILE, RUN_BY_CI, RUN_ON_THE_CHANGED_CODE, SHOWN
from tests.pages import MAKEFILE, PAGES, blocks, said_in_passing, unmarked_commands
from tools.__main__ import app
from tools.base import arguments
from tools.base.settings import SETTINGS
from tools.base.target import ROOT

LANGUAGES = {"sh", "diff", "mermaid", "python", "text"}
NEEDS = r"(AWS|Docker|GitHub|LocalStack)"
MARK = re.compile(rf"needs {NEEDS}( and {NEEDS})*")
RULE = re.compile(r"^([a-z][a-z -]*):(?!=).*\n((?:\t.*\n)+)", re.MULTILINE)
MAKE = re.compile(r"((?:[A-Z_]+=\S+ )*)make ([a-z-]+)((?: [A-Z_]+=(?:\"[^\"]*\"|\S+))*)")


COMMANDS = arguments.commands(app)
READ_BY_ALL = {*SETTINGS, *arguments.MAKES_OWN}


def read_in(recipe: str) -> set[str]:
    """Return the names of the variables that the commands of a recipe take."""
    names = re.findall(r"\$\(TOOL\) ([a-z-]+)", recipe)
    return {variable for name in names for variable in map(arguments.variable_of, COMMANDS[name].params) if variable}


READ_BY_TESTS = {
    name
    for path in (ROOT / "tests").rglob("*.py")
    for name in re.findall(r'os\.environ\.get\("([A-Z_]+)"', path.read_text())
}
READ_BY = {target: read_in(recipe) for targets, recipe in RULE.findall(MAKEFILE) for target in targets.split()}


@pytest.mark.parametrize("page", PAGES)
def test_a_block_says_its_language_and_what_it_needs_in_known_words(page: str) -> None:
    marks = {(block.language, block.mark) for block in blocks(page)}
    assert {language for language, _ in marks} <= LANGUAGES
    assert [mark for language, mark in marks if mark and (language != "sh" or not MARK.fullmatch(mark))] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in RUN_ON_THE_CHANGED_CODE])
def test_every_unmarked_command_is_run_in_the_pages_order(page: str) -> None:
    shown = list(SHOWN.get(page, ()))
    assert [command for command in unmarked_commands(page) if command not in RUN_BY_CI] == shown


def test_what_is_said_to_be_run_elsewhere_is_run_there() -> None:
    assert set(RUN_BY_CI) <= set((ROOT / ".ci" / "run").read_text().splitlines())
    for page, test in RUN_ON_THE_CHANGED_CODE.items():
        assert f'"{page.rpartition("/")[2]}"' in (ROOT / test).read_text()


def test_the_lists_name_nothing_that_no_page_shows() -> None:
    commands = {command for page in PAGES for command in unmarked_commands(page)}
    assert {*MEANWHILE, *RUN_BY_CI} <= commands
    assert {*SHOWN, *RUN_ON_THE_CHANGED_CODE} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_variables_of_a_command_are_read_by_its_target(page: str) -> None:
    commands = [command for block in blocks(page) for command in block.commands if block.language == "sh"]
    unread = {
        (target, name)
        for said in [*commands, *said_in_passing(page)]
        for before, target, after in MAKE.findall(said)
        for name in re.findall(r"([A-Z_]+)=", f"{before}{after}")
        if name not in READ_BY_ALL | READ_BY.get(target, set()) | (READ_BY_TESTS if target == "test" else set())
    }
    assert unread == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_variable_said_by_itself_is_read_by_some_target(page: str) -> None:
    read = READ_BY_ALL.union(READ_BY_TESTS, *READ_BY.values())
    said = {name for said in said_in_passing(page) for name in re.findall(r"^([A-Z_]+)=", said)}
    assert said - read == set()
