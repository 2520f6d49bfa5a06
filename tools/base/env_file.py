"""Reads `.env`: comments, quotes, blanks and `export` are no part of a value, as python-dotenv reads them."""

from pathlib import Path

from tools.base.problem import ProblemError


def read(path: Path) -> dict[str, str]:
    """Return the variables of the file; none if there is no such file. Raises `ProblemError` naming a wrong line."""
    if not path.exists():
        return {}
    from dotenv.parser import parse_stream

    try:
        # With the mark that editors on Windows put first.
        with path.open(encoding="utf-8-sig") as stream:
            lines = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise ProblemError(f"{path.name} cannot be read ({error}): fix it, or remove it") from None
    for line in lines:
        if line.error:
            said = line.original.string.strip()
            shown = said.partition("=")[0][:40]
            raise ProblemError(
                f"{path.name}, line {line.original.line}: {shown!r} is no setting: write NAME=value, or # before it"
            )
    return {line.key: line.value for line in lines if line.key and line.value is not None}
