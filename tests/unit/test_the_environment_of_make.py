"""What a developer's shell has set leads no command astray: what make passes on, and what it does not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.base.target import ROOT

PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


def environment_of_a_command(folder: Path, *words: str, **shell: str) -> dict[str, str]:
    """Run a target of a Makefile that includes this project's; gives the environment that its commands have."""
    (folder / "Makefile").write_text(f"include {ROOT / 'Makefile'}\nshow:\n\t@$(PYTHON) -c '{PRINT}'\n")
    program = shutil.which("make")
    assert program
    done = subprocess.run(
        [program, "--silent", "show", f"PYTHON={sys.executable}", *words],
        cwd=folder,
        env={"PATH": os.defpath, "HOME": str(folder)} | shell,
        capture_output=True,
        text=True,
        check=True,
    )
    shown: dict[str, str] = json.loads(done.stdout)
    return shown


def test_nothing_but_a_path_is_needed_of_the_shell(tmp_path: Path) -> None:
    shown = environment_of_a_command(tmp_path)
    assert shown["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert shown["HOME"] == str(tmp_path)


def test_files_are_utf_8_whatever_the_locale(tmp_path: Path) -> None:
    assert environment_of_a_command(tmp_path, LC_ALL="en_US.ISO-8859-1")["PYTHONUTF8"] == "1"


def test_the_local_stage_takes_no_profile_of_aws(tmp_path: Path) -> None:
    shown = environment_of_a_command(tmp_path, AWS_PROFILE="work", AWS_DEFAULT_PROFILE="work", AWS_CONFIG_FILE="mine")
    assert "AWS_PROFILE" not in shown
    assert "AWS_DEFAULT_PROFILE" not in shown
    assert shown["AWS_CONFIG_FILE"] == shown["AWS_SHARED_CREDENTIALS_FILE"] == "/dev/null"


def test_a_stage_on_aws_does(tmp_path: Path) -> None:
    shown = environment_of_a_command(tmp_path, "STAGE=dev", AWS_PROFILE="work")
    assert shown["AWS_PROFILE"] == "work"
    assert "AWS_ENDPOINT_URL" not in shown
    assert "AWS_CONFIG_FILE" not in shown


def test_a_proxy_is_not_asked_for_the_emulator(tmp_path: Path) -> None:
    assert environment_of_a_command(tmp_path)["no_proxy"] == "127.0.0.1,localhost"
    shown = environment_of_a_command(tmp_path, HTTP_PROXY="http://proxy:3128", NO_PROXY="example.org")
    assert shown["HTTP_PROXY"] == "http://proxy:3128"
    assert shown["NO_PROXY"] == shown["no_proxy"] == "example.org,127.0.0.1,localhost"
    assert environment_of_a_command(tmp_path, no_proxy="a.org,b.org")["NO_PROXY"] == "a.org,b.org,127.0.0.1,localhost"
    assert "NO_PROXY" not in environment_of_a_command(tmp_path, "STAGE=dev")


def test_a_home_that_is_not_there_is_replaced_and_credentials_are_still_found(tmp_path: Path) -> None:
    shown = environment_of_a_command(tmp_path, "STAGE=dev", HOME="/nowhere")
    assert shown["HOME"] == str(tmp_path / ".local" / "home")
    assert shown["AWS_CONFIG_FILE"] == "/nowhere/.aws/config"
    assert shown["AWS_SHARED_CREDENTIALS_FILE"] == "/nowhere/.aws/credentials"
