"""One build for all stages on AWS, and what `sam deploy` is told."""

import fcntl
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.built import build_into
from tools.base.stack import Stack
from tools.base.target import Target
from tools.deploying import build, deploy, parameters

DEV, PROD = (
    Target(stage=stage, endpoint=None, region=None, stack_name=f"order-saga-{stage}") for stage in ("dev", "prod")
)
LOCAL = Target(stage="local", endpoint="http://127.0.0.1:4566", region="us-east-1", stack_name="order-saga-local")
ROLE = "arn:aws:iam::123456789012:role/cloudformation-order-saga-dev-eu-central-1"
NO_SEMAPHORES = """\
import _multiprocessing

def refused(*_words, **_named):
    raise PermissionError(13, "Permission denied")

_multiprocessing.SemLock = refused
"""


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What the SAM CLI was told; it runs nowhere here."""
    commands: list[tuple[str, ...]] = []
    folder = tmp_path / ".aws-sam" / "build"

    def run_sam(command: str, _target: Target, *words: str, **_rest: Any) -> None:
        commands.append((command, *words))
        build_into(folder)

    # What protects prod, keeps parameters and looks at the stack's state has tests of its own.
    monkeypatch.setattr(parameters, "set_before", lambda _target: {})
    monkeypatch.setattr(deploy, "make_ready", lambda _target: None)
    monkeypatch.setattr(deploy, "keep_archive", lambda _stack: None)
    monkeypatch.setattr(Stack, "of", lambda _target: None)
    monkeypatch.setattr(deploy, "protect", lambda _target: None)
    for module in (build, deploy):
        monkeypatch.setattr(module, "BUILD", folder)
        monkeypatch.setattr(module, "run_sam", run_sam)
    monkeypatch.delenv("CLOUDFORMATION_ROLE_ARN", raising=False)
    return commands


def test_what_was_built_for_dev_is_what_goes_to_prod(said: list[tuple[str, ...]]) -> None:
    assert build.build(DEV)
    assert not build.build(PROD)
    assert len(said) == 1


def test_nothing_is_built_anew_while_a_deployment_reads_what_is_built(
    said: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[bool]()

    def run_sam(*_: Any, **__: Any) -> None:
        # Another deployment finds the build that it needs, and who has to make another one waits.
        read.append(build.build(PROD))
        with (build.BUILD.parent / "build.lock").open("w") as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    assert build.build(DEV)
    monkeypatch.setattr(deploy, "run_sam", run_sam)
    deploy.deploy(DEV)
    assert read == [False]
    assert [command for command, *_ in said] == ["build"]


def test_a_machine_of_another_kind_gets_a_build_of_its_own(
    said: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert build.build(DEV)
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert build.build(LOCAL)
    assert len(said) == 2


def test_another_python_gets_a_build_of_its_own(said: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    assert build.build(DEV)
    monkeypatch.setattr(build, "RUNTIME", "python3.99")
    assert build.build(PROD)
    assert len(said) == 2


def test_a_build_needs_no_semaphores(
    said: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where /dev/shm cannot be written, in some containers.
    (tmp_path / "sitecustomize.py").write_text(NO_SEMAPHORES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    source = tmp_path / ".aws-sam" / "build" / "CreateOrder" / "handler.py"
    source.parent.mkdir(parents=True)
    source.touch()
    assert build.build(DEV)
    assert len(said) == 1
    assert [path.name for path in source.parent.glob("__pycache__/*")] == [
        f"handler.{sys.implementation.cache_tag}.pyc"
    ]


def deployed(said: list[tuple[str, ...]], target: Target) -> list[str]:
    """Return the words of the deployment, but for the template's parameters, which come last."""
    build.build(target)
    deploy.deploy(target)
    words = list(said[-1])
    return words[words.index("--config-env") : words.index("--parameter-overrides")]


def test_a_stack_keeps_to_its_own_folder_in_the_bucket(said: list[tuple[str, ...]]) -> None:
    assert deployed(said, DEV) == [
        *("--config-env", "dev", "--stack-name", "order-saga-dev", "--s3-prefix", "order-saga-dev")
    ]


def test_a_stage_that_samconfig_does_not_name_is_deployed_as_dev_is_under_its_own_name_and_tags(
    said: list[tuple[str, ...]],
) -> None:
    staging = Target(stage="staging", endpoint=None, region=None, stack_name="order-saga-staging")
    assert deployed(said, staging) == [
        *("--config-env", "dev", "--stack-name", "order-saga-staging", "--s3-prefix", "order-saga-staging"),
        *("--tags", "project=order-saga stage=staging"),
    ]
    assert 'Stage="staging"' in said[-1]


def test_cloudformation_works_under_the_role_that_is_named(
    said: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFORMATION_ROLE_ARN", ROLE)
    assert deployed(said, PROD)[-2:] == ["--role-arn", ROLE]


@pytest.mark.parametrize(("role", "target"), [("", DEV), (ROLE, LOCAL)], ids=["none is named", "an emulator"])
def test_there_is_no_role_if(
    role: str, target: Target, said: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOUDFORMATION_ROLE_ARN", role)
    assert "--role-arn" not in deployed(said, target)
