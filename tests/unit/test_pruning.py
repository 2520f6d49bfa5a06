"""What the build leaves out, and what it says to somebody who needs it."""

from pathlib import Path

import pytest

from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.deploying import prune as pruning


@pytest.mark.parametrize(
    "line",
    [
        "import aws_lambda_powertools.utilities.parameters",
        "from aws_lambda_powertools.utilities import parameters",
        "from aws_lambda_powertools.utilities.parameters import get_secret",
        "from aws_lambda_powertools.utilities.parameters.ssm import SSMProvider",
    ],
)
def test_who_imports_what_is_not_shipped_is_told_where_to_change_that(tmp_path: Path, line: str) -> None:
    (tmp_path / "src" / "payments").mkdir(parents=True)
    (tmp_path / "src" / "payments" / "stripe.py").write_text(f"{line}\n")
    with pytest.raises(
        ProblemError, match=r"src/payments/stripe\.py imports .*NOT_SHIPPED in tools/deploying/prune\.py"
    ):
        pruning.check_imports(tmp_path / "src")


def test_what_ships_with_one_provider_alone_is_imported_by_its_adapter_and_left_out_without_it(tmp_path: Path) -> None:
    (tmp_path / "stripe_account.py").write_text("from aws_lambda_powertools.utilities import parameters\n")
    pruning.check_imports(tmp_path)
    for provider, there in (("stripe", True), ("simulated", False)):
        package = tmp_path / "build" / "CreateOrder-Shared" / "aws_lambda_powertools" / "utilities" / "parameters"
        package.mkdir(parents=True, exist_ok=True)
        pruning.prune(tmp_path / "build", [provider])
        assert package.exists() is there


@pytest.mark.parametrize("line", ["import json", "from . import orders", "from aws_lambda_powertools import Logger"])
def test_whatever_else_is_imported_passes(tmp_path: Path, line: str) -> None:
    (tmp_path / "step.py").write_text(f"{line}\n")
    pruning.check_imports(tmp_path)


def test_the_functions_import_nothing_that_is_left_out() -> None:
    pruning.check_imports(ROOT / "src")


def test_packages_modules_and_stubs_are_removed_and_their_neighbours_stay(tmp_path: Path) -> None:
    artifact = tmp_path / "build" / "CreateOrder-Shared"
    for path in ("pydantic/v1/main.py", "pydantic/mypy.py", "pydantic/main.py", "pydantic/main.pyi", "pydantic/v10.py"):
        (artifact / path).parent.mkdir(parents=True, exist_ok=True)
        (artifact / path).touch()
    pruning.prune(tmp_path / "build")
    left = {str(path.relative_to(artifact)) for path in artifact.rglob("*.py*")}
    assert left == {"pydantic/main.py", "pydantic/v10.py"}
