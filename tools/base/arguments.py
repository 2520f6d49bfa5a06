"""The arguments of a command, as somebody types them to make: `make flow EVENT=…` is `flow --event=…`.

Make hands them on as they were typed: it names them in `ARGUMENTS`, and each is in `ARGUMENT_<name>`. Nothing else of
the environment is an argument, whatever a shell exports.
"""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tools.base.problem import ProblemError
from tools.base.settings import SETTINGS, is_yes

if TYPE_CHECKING:
    from click import Command, Parameter
    from typer import Typer

MAKES_OWN = {"PYTHON"}
"""Variables that the Makefile itself reads."""


def commands(app: "Typer") -> "Mapping[str, Command]":
    """Return the commands of the tools, by name."""
    from typer.main import get_command

    return get_command(app).commands  # type: ignore[attr-defined,no-any-return]  # there is more than one


def typed(shell: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed behind `make`, by name."""
    return {name: shell.get(f"ARGUMENT_{name}", "") for name in shell.get("ARGUMENTS", "").split()}


def words(command: "Command", name: str, given: Mapping[str, str], together: "Iterable[Command]" = ()) -> list[str]:
    """Return the words for a command's line that mean what was given.

    `together` are the commands that the same `make` runs: what one of them takes, the others leave alone. Raises
    `ProblemError` naming what none of them takes.
    """
    known = {variable: parameter for parameter in command.params if (variable := variable_of(parameter))}
    others = {variable_of(parameter) for other in together for parameter in other.params}
    options, arguments = list[str](), dict[str, str]()
    for variable, text in given.items():
        if variable in known:
            if text.strip():
                parameter = known[variable]
                if parameter.param_type_name == "argument":
                    arguments[str(parameter.name)] = text
                else:
                    options += _option(parameter, variable, text)
        elif variable not in {*SETTINGS, *MAKES_OWN, *others}:
            raise ProblemError(_unknown(name, variable, known))
    ordered = [arguments[str(each.name)] for each in command.params if each.name in arguments]
    return [*options, "--", *ordered] if ordered else options


def variable_of(parameter: "Parameter") -> str:
    """Return the variable of make that a parameter is: that of `--dry-run` is DRY_RUN, that of ORDER_ID is ORDER."""
    if parameter.param_type_name == "argument":
        return (parameter.name or "").removesuffix("_id").upper()
    long = next((each for each in parameter.opts if each.startswith("--")), "")
    return "" if long == "--help" else long.removeprefix("--").replace("-", "_").upper()


def _option(parameter: "Parameter", variable: str, text: str) -> Iterator[str]:
    long = next(each for each in parameter.opts if each.startswith("--"))
    if not getattr(parameter, "is_flag", False):
        yield f"{long}={text}"
        return
    try:
        wanted = is_yes(text)
    except ValueError:
        raise ProblemError(f"{variable} cannot be {text!r}: it is yes or no") from None
    if wanted:
        yield long


def _unknown(command: str, variable: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(variable.upper(), [*known, *SETTINGS, *MAKES_OWN], n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    takes = f"it takes {', '.join(known)}" if known else "it takes no arguments of its own"
    return f"`make {command}` does not know {variable}: {meant}{takes[0].upper() + takes[1:] if meant else takes}"
