"""The commands that derive, check and rename the project itself. Each imports what it uses when it runs."""

from typing import Annotated

import typer

from tools.base.console import console
from tools.base.problem import ProblemError

app = typer.Typer()


@app.command("flow")
def _flow(event: Annotated[str | None, typer.Argument(help="Only what happens after this event.")] = None) -> None:
    """Draw the choreography as a tree, or show what happens after one event."""
    from tools.project.choreography import tree
    from tools.project.choreography.flow import Flow

    choreography = Flow.of_this_project()
    if event is None:
        console.print(tree.draw(choreography))
        return
    if event not in choreography.events:
        raise ProblemError(f"there is no event {event}: choose one of {', '.join(choreography.events)}")
    console.print(tree.explain(choreography, event))


@app.command("generate")
def _generate() -> None:
    """Generate what is derived from the code: the picture in the README, docs/flow.html, schemas/."""
    from tools.base.target import ROOT
    from tools.project import generate as generated
    from tools.project.choreography.flow import Flow

    changed = generated.write(Flow.of_this_project())
    for path in changed:
        console.print(f"wrote {path.relative_to(ROOT)}" if path.is_file() else f"removed {path.relative_to(ROOT)}")
    if not changed:
        console.print("everything was up to date")


@app.command("check")
def _check(base: Annotated[str | None, typer.Option(help="What to compare the contracts with.")] = None) -> None:
    """Check that the choreography agrees with itself, with what is generated from it, and with its consumers."""
    from tools.base.target import ROOT
    from tools.base.template import TEMPLATE
    from tools.project import alarms
    from tools.project import generate as generated
    from tools.project.choreography import drift
    from tools.project.choreography.flow import Flow
    from tools.project.contracts import compatibility

    choreography = Flow.of_this_project()
    drift.check(choreography)
    alarms.check((ROOT / TEMPLATE).read_text(), choreography)
    generated.check(choreography)
    compatibility.check(base)


@app.command("rename")
def _rename(name: str) -> None:
    """Rename this project, everywhere."""
    from tools.project.rename import rename

    old, files = rename(name)
    console.print(f"{old} is {name} now, in {files} files")


@app.command("lint")
def _lint() -> None:
    """Run the linters, the type checker and the import contracts."""
    from tools.project import checking

    for line in checking.LINTERS:
        checking.run(line)


@app.command("test")
def _test(
    *,
    slow: Annotated[bool, typer.Option(help="Those too that take long and rarely fail, as CI does.")] = False,
    args: Annotated[str, typer.Option(help="More words for pytest.")] = "",
    schedules: Annotated[int, typer.Option(min=1, help="How many random schedules the simulation tries.")] = 200,
    schedules_seed: Annotated[str, typer.Option(help="Another one makes other schedules.")] = "0",
) -> None:
    """Run the tests."""
    from tools.project import checking

    checking.test(args, slow=slow, SCHEDULES=str(schedules), SCHEDULES_SEED=schedules_seed)


@app.command("test-docker")
def _test_docker(args: Annotated[str, typer.Option(help="More words for pytest.")] = "") -> None:
    """Run the tests that need Docker: sam local in Lambda's image."""
    from tools.project import checking

    checking.test_docker(args)


@app.command("test-backend")
def _test_backend(args: Annotated[str, typer.Option(help="More words for pytest.")] = "") -> None:
    """Run the end-to-end tests on an emulator that runs already."""
    from tools.project import checking

    checking.test_backend(args)


@app.command("test-shells")
def _test_shells(
    *,
    some: Annotated[bool, typer.Option(help="Only a few of them.")] = False,
    args: Annotated[str, typer.Option(help="More words for pytest.")] = "",
) -> None:
    """Run everything in hostile shells."""
    from tools.project import checking

    checking.test_shells(args, some=some)


@app.command("mutants")
def _mutants(
    file: Annotated[str | None, typer.Option(help="Only those of one file of src/.")] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="A sample of so many.")] = None,
    seed: Annotated[str, typer.Option(help="Another one makes another sample.")] = "0",
    *,
    anew: Annotated[bool, typer.Option(help="Forget what earlier runs found.")] = False,
) -> None:
    """Change one thing in src/ at a time, and see whether a test fails; a run goes on where the last one ended."""
    from tools.base.target import ROOT
    from tools.project.mutants import run

    run.run(ROOT, file, sample, seed, anew=anew)


@app.command("bench")
def _bench(
    *,
    quick: Annotated[bool, typer.Option(help="Just enough to see that it works.")] = False,
    only: Annotated[str, typer.Option(help="Some measurements, separated by commas.")] = "",
) -> None:
    """Measure what orders cost and how fast they are."""
    from tools.project import checking

    checking.bench(quick=quick, only=only)


@app.command("audit")
def _audit() -> None:
    """Look the pinned requirements up among known vulnerabilities."""
    from tools.project import checking

    checking.run(checking.AUDIT)


@app.command("format")
def _format() -> None:
    """Format the code."""
    from tools.project import checking

    for line in checking.FORMATTERS:
        checking.run(line)


@app.command("lock")
def _lock() -> None:
    """Compile the pinned requirements anew."""
    from tools.project import checking

    checking.lock()
