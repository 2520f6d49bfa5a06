"""A project of one's own, made from this one by `sam init`, and given another name."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.project.rename import project_files, rename

pytestmark = [pytest.mark.xdist_group("tutorial"), pytest.mark.slow]
TOOLS = Path(sys.executable).parent


def run(*words: str | Path, cwd: Path) -> str:
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0", "PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `sam init --location <a zip of the repository>` makes it, renamed."""
    folder = tmp_path_factory.mktemp("init")
    for path in project_files(ROOT):
        copied = folder / "zipped" / "order-saga" / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copied)
    archive = shutil.make_archive(str(folder / "order-saga"), "zip", folder / "zipped", "order-saga")
    run(TOOLS / "sam", "init", "--location", archive, "--no-input", "--name", "my-shop", cwd=folder)
    run(sys.executable, "-m", "tools", "rename", "my-shop", cwd=folder / "my-shop")
    run(sys.executable, "-m", "tools", "generate", cwd=folder / "my-shop")
    return folder / "my-shop"


def test_it_holds_every_file_and_the_old_name_nowhere(shop: Path) -> None:
    mine = {str(path.relative_to(shop)) for path in project_files(shop)}
    assert mine == {str(path.relative_to(ROOT)) for path in project_files(ROOT)}
    with_old_name = [path for path in mine if "order-saga" in (shop / path).read_text(errors="replace")]
    assert with_old_name == []
    assert "source: [my-shop]" in (shop / "template.yaml").read_text()
    assert 'stack_name = "my-shop-prod"' in (shop / "samconfig.toml").read_text()


def test_it_agrees_with_itself_and_its_tests_pass(shop: Path) -> None:
    run(sys.executable, "-m", "tools", "check", cwd=shop)
    contract = [f"tests/contract/test_{name}.py" for name in ("flow", "no_secrets", "readme", "sample_events", "stack")]
    run(TOOLS / "pytest", "-q", "-p", "no:cacheprovider", *contract, "tests/unit/test_first_delivery.py", cwd=shop)


@pytest.mark.parametrize("name", ["My Shop", "1shop", "s", "a-name-that-is-longer-than-a-name-may-be", ""])
def test_a_name_that_no_stack_can_have_is_refused(name: str) -> None:
    with pytest.raises(ProblemError, match="cannot name a stack"):
        rename(name)
