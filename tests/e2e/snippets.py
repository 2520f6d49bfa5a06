"""Does what a page of the documentation tells its reader to do to the code."""

import re
from pathlib import Path

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def apply(page: str, to: Path) -> list[str]:
    """Apply a page's snippets to a copy of the project, in their order; return the files that were changed or made.

    A diff's first line names its file; what it shows, less its `+` lines, stands there exactly once. A Python snippet
    whose first line is a comment with a path is a new file.
    """
    touched = []
    for language, text in BLOCK.findall(page):
        first, _, rest = text.partition("\n")
        if language == "diff":
            (to / first).write_text(_patched((to / first).read_text(), rest, first))
        elif language == "python" and first.startswith("# "):
            assert not (to / first[2:]).exists(), f"{first[2:]} is there already"
            (to / first[2:]).write_text(rest)
        else:
            continue
        touched.append(first.removeprefix("# "))
    return touched


def _patched(text: str, diff: str, file: str) -> str:
    lines = diff.splitlines(keepends=True)
    assert {line[0] for line in lines} <= set("+- "), f"a line of the diff of {file} begins with something else"
    before = "".join(line[1:] for line in lines if line[0] != "+")
    after = "".join(line[1:] for line in lines if line[0] != "-")
    assert text.count(before) == 1, f"{file} holds this {text.count(before)} times:\n{before}"
    return text.replace(before, after)
