"""One run: which mutants, what became of each, and the score."""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from random import Random

from rich.table import Table

from tools.base.console import console, styled
from tools.base.problem import ProblemError
from tools.project.mutants import copies
from tools.project.mutants.choice import Choice
from tools.project.mutants.killing import Copy
from tools.project.mutants.measuring import Recordings
from tools.project.mutants.mutant import SOURCES, Mutant, mutants
from tools.project.mutants.survivors import FILE, Survivors, entry
from tools.project.mutants.verdicts import Verdicts


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    killed_by: str | None
    """The first test that failed."""
    reason: str | None
    """Why no test kills it, if the list says so."""


def run(  # noqa: PLR0913  the options of the command
    root: Path,
    file: str | None = None,
    sample: int | None = None,
    seed: str = "0",
    *,
    anew: bool = False,
    workers: int | None = None,
) -> None:
    """Run the tests of mutants: of all of `src/` or of one file, all of them or a sample; print what became of them.

    `anew` forgets what earlier runs found, and records anew which tests execute what.

    Raises `ProblemError` if the list of survivors is not what was found.
    """
    survivors, everything = Survivors.of(root), mutants(root)
    survivors.check(everything)
    chosen = _chosen(everything, file, sample, seed)
    verdicts = Verdicts(root)
    if anew:
        verdicts.forget()
        Recordings(root).forget()
    outcomes = [
        Outcome(mutant, known.killed_by, survivors.reason(mutant))
        for mutant in chosen
        if (known := verdicts.of(mutant))
    ]
    decided = {outcome.mutant.id for outcome in outcomes}
    left = [mutant for mutant in chosen if mutant.id not in decided]
    if outcomes:
        console.print(f"{len(outcomes)} of {len(chosen)} are known from earlier runs")
    for number, (mutant, killed_by) in enumerate(_asked(root, left, survivors, workers), 1):
        verdicts.add(mutant, killed_by)
        outcome = Outcome(mutant, killed_by, survivors.reason(mutant))
        outcomes.append(outcome)
        _print(outcome, f"{number}/{len(left)}")
    console.print(table(outcomes))
    check(outcomes)


def table(outcomes: Iterable[Outcome]) -> Table:
    """Return the score by file: how many of its mutants the tests kill. A survivor with a reason counts as one."""
    of_file: dict[str, list[Outcome]] = {}
    outcomes = list(outcomes)
    for outcome in outcomes:
        of_file.setdefault(outcome.mutant.path, []).append(outcome)
    made = Table("file", "mutants", "killed", "survivors", "of them explained", "score")
    for path, of in [*sorted(of_file.items()), ("all", outcomes)]:
        survived = [outcome for outcome in of if outcome.killed_by is None]
        explained = sum(outcome.reason is not None for outcome in survived)
        killed = len(of) - len(survived)
        score = f"{killed / len(of):.1%}" if of else "none"
        made.add_row(path, *map(str, (len(of), killed, len(survived), explained)), score)
    return made


def check(outcomes: Iterable[Outcome]) -> None:
    """Raise `ProblemError` if a survivor is not in the list, or if one in the list is killed."""
    outcomes = list(outcomes)
    unlisted = [outcome.mutant for outcome in outcomes if outcome.killed_by is None and outcome.reason is None]
    killed = [outcome for outcome in outcomes if outcome.killed_by is not None and outcome.reason is not None]
    for mutant in unlisted:
        console.print(entry(mutant), end="", soft_wrap=True)
    if unlisted:
        raise ProblemError(
            f"{len(unlisted)} mutants survived, see above: write a test that kills them, or say in {FILE} why none can"
        )
    if killed:
        first = killed[0]
        raise ProblemError(f"{FILE}: {first.killed_by} kills {first.mutant}: its entry may go")


def _chosen(everything: Sequence[Mutant], file: str | None, sample: int | None, seed: str) -> Sequence[Mutant]:
    chosen = [mutant for mutant in everything if file is None or mutant.path == file]
    if not chosen:
        raise ProblemError(f"{file} has no mutants: choose a file of {SOURCES}/, as FILE={everything[0].path}")
    # No secret: the same seed is the same sample.
    return Random(seed).sample(chosen, min(sample, len(chosen))) if sample else chosen  # noqa: S311


def _asked(
    root: Path, left: Sequence[Mutant], survivors: Survivors, workers: int | None
) -> Iterator[tuple[Mutant, str | None]]:
    """Yield what becomes of mutants, in the order in which it is known."""
    if not left:
        return
    number = workers or os.cpu_count() or 1
    with copies.folder_for_copies() as folder:
        made = [Copy(copies.copy(root, folder / str(each))) for each in range(number)]
        recorded = Recordings(root).of(made[0].root, survivors.left_out, number)
        choice, free = Choice(root, recorded), SimpleQueue[Copy]()
        for each in made:
            free.put(each)

        def ask(mutant: Mutant) -> tuple[Mutant, str | None]:
            copy = free.get()
            try:
                for tests in choice.tests_for(mutant):
                    seconds = sum(recorded.seconds[test] for test in tests)
                    if tests and (killed_by := copy.first_failure(mutant, tests, seconds)):
                        return mutant, killed_by
                return mutant, None
            finally:
                free.put(copy)

        with ThreadPoolExecutor(number) as pool:
            try:
                for done in as_completed([pool.submit(ask, mutant) for mutant in left]):
                    yield done.result()
            finally:
                # Stopped with Ctrl-C: nobody waits for what is left.
                pool.shutdown(wait=False, cancel_futures=True)
                for each in made:
                    each.end()


def _print(outcome: Outcome, number: str) -> None:
    if outcome.killed_by:
        console.print(
            styled("[dim]{}[/] killed  {} [dim]by {}[/]", number, outcome.mutant, outcome.killed_by), soft_wrap=True
        )
    else:
        why = outcome.reason or "no reason is known"
        console.print(styled("[dim]{}[/] [red]survived[/] {}: {}", number, outcome.mutant, why), soft_wrap=True)
