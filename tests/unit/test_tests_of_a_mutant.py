"""Which tests are run with a mutant: those that execute what it changes, or all that import it if none was seen to."""

from pathlib import Path

import pytest

from tools.project.mutants.choice import Choice
from tools.project.mutants.mutant import Mutant, mutants
from tools.project.mutants.recorded import Recorded

SMALL = "src/small.py"
IMPORTS, BY_ANOTHER = "tests/test_small.py::test_left", "tests/test_through.py::test_left"
ELSEWHERE = "tests/test_other.py::test_other"


@pytest.fixture
def mutant(tmp_path: Path) -> Mutant:
    """A mutant of the one line of a function, line 2."""
    for name, text in {
        SMALL: "def left(number):\n    return number - 2\n",
        "tests/test_small.py": "from small import left\n",
        "tests/world.py": "import small\n",
        "tests/test_through.py": "from tests.world import small\n",
        "tests/test_other.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return mutants(tmp_path)[0]


@pytest.mark.parametrize(
    ("lines", "chosen"),
    [
        ({SMALL: {2: {ELSEWHERE}}}, [ELSEWHERE]),
        ({SMALL: {2: {""}}}, [IMPORTS, BY_ANOTHER]),
        ({}, [IMPORTS, BY_ANOTHER]),
    ],
    ids=["executed by a test", "executed at import", "imported before anything was recorded"],
)
def test_a_mutant_is_tried_by_the_tests_that_may_notice_it(
    tmp_path: Path, mutant: Mutant, lines: dict[str, dict[int, set[str]]], chosen: list[str]
) -> None:
    recorded = Recorded({IMPORTS: 0.1, BY_ANOTHER: 0.1, ELSEWHERE: 0.1})
    recorded.lines.update(lines)
    first, then = Choice(tmp_path, recorded).tests_for(mutant)
    assert [*first, *then] == chosen
