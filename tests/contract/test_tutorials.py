"""The diffs of the tutorials fit the files as they are; tests/e2e runs what comes of them."""

import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.snippets import apply
from tools.base.root import ROOT

DIFF = re.compile(r"^```diff\n(\S+)\n.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["extending.md", "your-own-saga.md"])
def test_each_diff_of_a_tutorial_fits_its_file(page: str, tmp_path: Path) -> None:
    diffs = list(DIFF.finditer((ROOT / "docs" / page).read_text()))
    assert diffs
    for file in {diff[1] for diff in diffs}:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    assert set(apply("\n".join(diff[0] for diff in diffs), tmp_path)) == {diff[1] for diff in diffs}
