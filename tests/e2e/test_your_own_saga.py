"""The page docs/your-own-saga.md, done to a copy of the project by a reader who does exactly what it says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.copies import Copy
from tests.e2e.snippets import BLOCK, apply
from tools.base.target import ROOT, Target

pytestmark = [pytest.mark.xdist_group("your own saga"), pytest.mark.slow]

PAGE = (ROOT / "docs" / "your-own-saga.md").read_text()
EXAMPLE = ROOT / "examples" / "trip"
PLACE, RUN, MERGE, LEAVE_OUT, CHECK_OUT = (text for language, text in BLOCK.findall(PAGE) if language == "sh")
RENAME = RUN.partition("#")[0].strip()
AS_A_READER = "git config user.name 'A reader' && git config user.email reader@example.org"
COMMIT = "git add --all && git -c commit.gpgsign=false commit --quiet --message"
PYTEST = "env PYTHONPATH=src .venv/bin/python -m pytest --quiet"
PROOF = ("tests/simulation/test_crash_matrix.py", "tests/unit/test_requests.py", "tests/e2e/test_the_ways_of_a_trip.py")
MENDED = ("src/saga/clock.py", "src/payments/gateway.py")


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory, running: Target | None) -> Iterator[Copy]:
    """A copy of the project to which the page was done."""
    copy = Copy(tmp_path_factory.mktemp("own") / "trip-saga", running)
    copy.shell(f"{AS_A_READER} && git tag before")
    copy.shell(f"set -e\n{PLACE}")
    apply("\n".join(f"```diff\n{text}```" for language, text in BLOCK.findall(PAGE) if language == "diff"), copy.root)
    copy.shell(f"{COMMIT} trips && git tag replaced")
    copy.shell(f"{RENAME} && {COMMIT} renamed && git tag renamed")
    yield copy
    copy.discard()


@pytest.fixture
def upstream(trip: Copy, tmp_path: Path) -> Path:
    """This project, in which the kernel was mended since, and a service that the trip does not have."""
    upstream = tmp_path / "upstream"
    trip.shell(f"git clone --quiet '{trip.root}' '{upstream}' && cd '{upstream}' && {AS_A_READER}")
    trip.shell(f"cd '{upstream}' && git checkout --quiet -B main before")
    for mended in MENDED:
        with (upstream / mended).open("a") as file:
            file.write("\n# mended\n")
    trip.shell(f"cd '{upstream}' && {COMMIT} mended")
    return upstream


def test_what_the_page_shows_of_the_example_is_in_the_example() -> None:
    code = "\n".join(file.read_text() for file in (EXAMPLE / "src").rglob("*.py"))
    shown = [text for language, text in BLOCK.findall(PAGE) if language == "python"]
    assert len(shown) == 6
    assert [text for text in shown if text not in code] == []


def test_the_kernel_the_tools_and_the_proof_stay_as_they_are_but_for_the_shop(trip: Copy) -> None:
    kept = "src/saga tools tests/simulation ':!tools/shop' ':!tests/simulation/shop'"
    assert trip.shell(f"git diff --stat before renamed -- {kept}") == ""


def test_the_trip_passes_all_checks(trip: Copy) -> None:
    assert "4 kept, 0 broken" in trip.make("check")


def test_the_trip_is_proved_and_each_of_its_ends_is_reached_on_the_emulator(trip: Copy) -> None:
    printed = trip.shell(f"{PYTEST} {' '.join(PROOF)}")
    proved = re.search(r"([\d,]+) rows of the crash matrix, steps", printed)
    assert proved, printed
    assert int(proved[1].replace(",", "")) > 1000


def test_the_trips_demo_and_its_triggers_run(trip: Copy) -> None:
    demo = trip.make("demo")
    ends = [json.loads(record)["status"] for record in re.findall(r"^\{$.*?^\}$", demo, re.MULTILINE | re.DOTALL)]
    assert ends == ["CAR_BOOKED", "FLIGHT_REFUSED", "FLIGHT_CANCELLED"]
    assert '"hotelBookingId"' in trip.make("trigger-no-car")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("test-docker", "✘ there are no tests that need Docker: this project has no tests/docker"),
        ("bench", "✘ there is nothing to measure: this project has no bench"),
    ],
)
def test_what_the_trip_has_nothing_for_is_said_in_one_line(trip: Copy, target: str, said: str) -> None:
    done = trip.activated(f"make {target}")
    assert done.returncode != 0
    assert [line for line in done.stderr.splitlines() if not line.startswith("make: ***")] == [said]


def test_a_fork_merges_a_later_fix_and_leaves_out_what_it_took_out(trip: Copy, upstream: Path, tmp_path: Path) -> None:
    fork = tmp_path / "fork"
    trip.shell(f"git clone --quiet '{trip.root}' '{fork}' && cd '{fork}' && {AS_A_READER}")
    *fetched, merge = MERGE.replace("<the address of this repository>", f"'{upstream}'").splitlines()
    trip.shell(f"cd '{fork}' && {' && '.join(fetched)} && ! {merge} && set -e\n{LEAVE_OUT}")
    assert trip.shell(f"cd '{fork}' && git diff --name-only renamed").split() == [MENDED[0]]
    assert trip.shell(f"cd '{fork}' && git status --porcelain") == ""


def test_a_project_without_this_history_takes_whole_folders(trip: Copy, upstream: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    trip.shell(f"git archive --prefix=plain/ renamed | tar -x -C '{tmp_path}'")
    trip.shell(f"cd '{plain}' && git init --quiet --initial-branch=main && {AS_A_READER} && {COMMIT} mine")
    trip.shell(
        f"cd '{plain}' && git remote add upstream '{upstream}' && git fetch --quiet upstream && set -e\n{CHECK_OUT}"
    )
    assert trip.shell(f"cd '{plain}' && git diff --name-only HEAD").split() == [MENDED[0]]
