"""The installation: where packages come from is for pip's settings to say, where they go to is not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import install
from tools.base.root import ROOT

LISTED = """\
:env:.index-url='https://shell.example.org/simple'
global.index-url='https://mirror.example.org/simple'
global.extra-index-url='https://a.example.org/simple\\nhttps://b.example.org/simple'
global.find-links='/opt/wheels /srv/wheels'
global.trusted-host='mirror.example.org'
global.cert='/etc/firm.pem'
global.timeout='60'
install.user='true'
install.target='/nowhere'
global.constraint='/nowhere'
list.index-url='https://never.example.org'
"""


def test_the_mirror_of_pips_settings_is_handed_to_uv_and_its_target_is_not() -> None:
    assert install.for_uv(install.of_pip(LISTED)) == {
        "UV_DEFAULT_INDEX": "https://mirror.example.org/simple",
        "UV_INDEX": "https://a.example.org/simple https://b.example.org/simple",
        "UV_FIND_LINKS": "/opt/wheels,/srv/wheels",
        "UV_INSECURE_HOST": "mirror.example.org",
        "SSL_CERT_FILE": "/etc/firm.pem",
        "UV_HTTP_TIMEOUT": "60",
    }


def test_without_settings_of_pip_uv_has_none_either() -> None:
    assert install.for_uv(install.of_pip("")) == {}


def test_it_needs_the_standard_library_alone(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", install.__file__, "--is-current"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode in {0, 1}, done.stderr) == (True, "")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            "error: Failed to download `a`\n  cause: No room\n  cause: Too many open files\n",
            "error: Failed to download `a` (Too many open files)",
        ),
        (
            "x\nERROR: No matching distribution found for uv\n[notice] a new pip\n",
            "ERROR: No matching distribution found for uv",
        ),
        ("Killed\n", "Killed"),
        ("", "it said nothing"),
    ],
)
def test_why_an_installation_failed_is_one_line_with_its_cause(said: str, why: str) -> None:
    assert install.why(said) == why


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout into which everything was installed."""
    venv = tmp_path / "checkout" / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(install, "VENV", venv)
    monkeypatch.setattr(install, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(install, "MARK", venv / "installed")
    monkeypatch.setattr(install, "REQUIREMENTS", tmp_path / "requirements-dev.txt")
    (tmp_path / "requirements-dev.txt").write_text("a==1\n")
    install.MARK.write_text(json.dumps(install._mark(os.path.realpath(sys.executable))))  # noqa: SLF001  as it is made
    assert install.is_current(None)
    return venv


def test_what_is_installed_is_not_installed_again(installed: Path) -> None:
    assert installed.is_dir()
    assert install.is_current(sys.executable)
    assert install.is_current("no-such-python")


def test_a_checkout_that_was_moved_is_installed_anew(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = installed.parent.rename(installed.parent.with_name("moved here")) / ".venv"
    for name, path in (("VENV", moved), ("PYTHON", moved / "bin" / "python"), ("MARK", moved / "installed")):
        monkeypatch.setattr(install, name, path)
    assert not install.is_current(None)


def test_other_requirements_another_python_or_one_that_is_gone_are_installed_anew(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "another" / "python"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    assert not install.is_current(str(other))
    (tmp_path / "requirements-dev.txt").write_text("a==2\n")
    assert not install.is_current(None)
    (tmp_path / "requirements-dev.txt").write_text("a==1\n")
    assert install.is_current(None)
    (installed / "bin" / "python").unlink()
    assert not install.is_current(None)
    monkeypatch.undo()


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"base": 1}', "not JSON"])
def test_an_installation_that_was_interrupted_is_done_again(installed: Path, content: str) -> None:
    (installed / "installed").write_text(content)
    assert not install.is_current(None)


def test_a_folder_that_is_a_link_is_never_emptied(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link"
    link.symlink_to(installed)
    monkeypatch.setattr(install, "VENV", link)
    with pytest.raises(install.InstallError, match=r"is a link to .*: remove it"):
        install.install()
    assert (installed / "installed").is_file()


def test_the_makefile_uses_nothing_that_an_old_make_lacks() -> None:
    # GNU make 3.81, as macOS has it ("NEWS" of GNU make says what each later version brought).
    text = "".join(path.read_text() for path in [ROOT / "Makefile", *ROOT.glob("tools/*/targets.mk")])
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    later = [
        "!=",
        "$(file ",
        "$(let ",
        "$(intcmp ",
        "$(guile ",
        ".ONESHELL",
        "undefine",
        "private ",
        "::=",
        ".EXTRA_PREREQS",
        "&:",
    ]
    assert [word for word in later if word in code.replace("-I", "")] == []
