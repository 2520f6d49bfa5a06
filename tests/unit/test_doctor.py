"""`make doctor` asks for nothing that is not needed."""

import pytest

from tools.base import settings
from tools.base.problem import ProblemError
from tools.emulator import docker
from tools.emulator.backends import ADAPTERS
from tools.machine import doctor
from tools.machine.doctor import Finding


def no_docker(without: str) -> None:
    raise ProblemError(f"Docker does not answer: start it, or {without}")


@pytest.mark.parametrize(
    ("runs", "finding"),
    [
        (True, Finding("Docker", well=True, says="not needed: LocalStack already runs")),
        (False, Finding("Docker", well=False, says="Docker does not answer: start it, or use BACKEND=embedded, ")),
    ],
)
def test_docker_is_not_asked_for_where_the_emulator_already_runs(
    monkeypatch: pytest.MonkeyPatch, *, runs: bool, finding: Finding
) -> None:
    chosen = settings.read({"BACKEND": "localstack", "PORT": "5600"}, {}, {})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    monkeypatch.setattr(docker, "require_compose", no_docker)
    monkeypatch.setattr(ADAPTERS[chosen.backend], "runs_already", runs)
    (found,) = (each for each in doctor.findings(chosen) if each.what == "Docker")
    assert (found.what, found.well) == (finding.what, finding.well)
    assert found.says.startswith(finding.says)
