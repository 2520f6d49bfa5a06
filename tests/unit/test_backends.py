"""The emulators in containers: what is missing is told in one line, with what works without it."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.fake_docker import FakeDocker
from tests.unit.fake_docker import docker as docker  # noqa: PLC0414  a fixture
from tools.base.problem import ProblemError
from tools.base.target import Backend, Target
from tools.emulator import embedded
from tools.emulator.backends import LocalStack, MiniStack, adapter
from tools.emulator.composed import Composed

TOKEN = "LOCALSTACK_AUTH_TOKEN"  # noqa: S105  the name of a variable
SECRET = "ls-a-token"  # noqa: S105  nobody's


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def localstack(port: int, monkeypatch: pytest.MonkeyPatch) -> Composed:
    monkeypatch.setenv(TOKEN, SECRET)
    return composed(Backend.LOCALSTACK, port)


@pytest.fixture(autouse=True)
def healthy(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The addresses at which something answers that it is well: none, unless a test adds some."""
    addresses = set[str]()
    monkeypatch.setattr(embedded, "answers", addresses.__contains__)
    return addresses


def target_of(backend: Backend, port: int) -> Target:
    endpoint = f"http://127.0.0.1:{port}"
    return Target(stage="local", endpoint=endpoint, region="us-east-1", stack_name="s", backend=backend)


def composed(backend: Backend, port: int) -> Composed:
    """Return the service of docker-compose.yml, as its adapter describes it."""
    container = {Backend.MINISTACK: MiniStack, Backend.LOCALSTACK: LocalStack}[backend]
    return container(target_of(backend, port)).composed


def problem_of(service: Composed) -> str:
    """Return what starting it raises."""
    with pytest.raises(ProblemError) as problem:
        service.start()
    return str(problem.value)


@pytest.mark.parametrize("backend", [Backend.MINISTACK, Backend.LOCALSTACK])
def test_without_a_docker_command_it_says_what_to_install_and_what_needs_none(
    backend: Backend, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = problem_of(composed(backend, port))
    assert re.search(r"no `docker` command: install Docker, or .*BACKEND=embedded", said)
    assert "\n" not in said


def test_an_engine_that_does_not_answer_is_told_with_its_own_words(docker: FakeDocker, localstack: Composed) -> None:
    docker.answer("version", error="Cannot connect to the Docker daemon. Is the docker daemon running?", status=1)
    said = problem_of(localstack)
    assert re.search(r"Docker does not answer: start it, or .*BACKEND=embedded.*\(Cannot connect to the Docker", said)
    assert "\n" not in said


def test_a_docker_without_compose_is_told(docker: FakeDocker, localstack: Composed) -> None:
    docker.answer("compose version", error="docker: unknown command: docker compose", status=1)
    assert "`docker compose` is not there: install it, or" in problem_of(localstack)


def test_without_a_token_it_says_where_to_get_one_and_where_to_put_it(
    docker: FakeDocker, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    said = problem_of(composed(Backend.LOCALSTACK, port))
    assert re.search(r"needs a token: make one at https://\S+ and write LOCALSTACK_AUTH_TOKEN=\S+ into \.env", said)
    assert "\n" not in said
    assert [asked for asked in docker.asked if " up " in asked] == []


def test_what_localstacks_own_command_started_is_used_and_needs_neither_docker_nor_a_token(
    taken: int,
    healthy: set[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    healthy.add(f"http://127.0.0.1:{taken}/_localstack/health")
    adapter(target_of(Backend.LOCALSTACK, taken)).start()
    assert capsys.readouterr().out == f"LocalStack runs already on http://127.0.0.1:{taken}\n"


@pytest.mark.usefixtures("docker")
def test_another_emulator_on_its_port_is_not_taken_for_localstack(
    taken: int, healthy: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN, SECRET)
    healthy.add(f"http://127.0.0.1:{taken}/_ministack/health")
    with pytest.raises(ProblemError, match=f"port {taken} is taken by another program"):
        adapter(target_of(Backend.LOCALSTACK, taken)).start()


def test_without_a_token_or_compose_its_own_command_is_named_as_well(
    docker: FakeDocker, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    assert "start LocalStack by its own command, `localstack start`" in problem_of(composed(Backend.LOCALSTACK, port))
    docker.answer("compose version", status=1)
    assert "start LocalStack by its own command, `localstack start`" in problem_of(composed(Backend.LOCALSTACK, port))


def test_ministack_needs_no_token(docker: FakeDocker, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    assert composed(Backend.MINISTACK, port).start()
    assert f"--project-name order-saga-{port} --profile ministack up --wait" in docker.asked[-1]


def test_a_taken_port_is_told_and_nothing_is_started(docker: FakeDocker, taken: int) -> None:
    said = problem_of(composed(Backend.MINISTACK, taken))
    assert f"port {taken} is taken by another program: stop it, or choose another port" in said
    assert [asked for asked in docker.asked if " up " in asked] == []


def test_one_that_runs_already_is_left_alone_on_the_port_that_it_has(docker: FakeDocker, taken: int) -> None:
    docker.answer("ps --quiet --status running", output="3d9ade480283")
    assert not composed(Backend.MINISTACK, taken).start()
    assert [asked for asked in docker.asked if " up " in asked] == []


def test_it_is_started_with_its_port_and_the_token_is_in_no_command(docker: FakeDocker, localstack: Composed) -> None:
    assert localstack.start()
    given = docker.environment_of(" up ")
    assert (given["PORT"], given[TOKEN]) == (str(localstack.port), SECRET)
    assert SECRET not in " ".join(docker.asked)


def test_an_image_that_cannot_be_pulled_is_told_in_one_line(docker: FakeDocker, localstack: Composed) -> None:
    docker.answer(" up ", error=" localstack Pulling\nError response from daemon: no such host", status=1)
    said = problem_of(localstack)
    assert said == f"LocalStack did not start on port {localstack.port}: Error response from daemon: no such host"


def test_one_that_does_not_come_up_shows_the_end_of_its_log_in_one_line_and_is_removed(
    docker: FakeDocker, localstack: Composed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.emulator.composed.ROOT", tmp_path)
    docker.answer(" up ", error="container order-saga-localstack exited (55)", status=1)
    docker.answer(" logs ", output="starting\nLicense activation failed")
    said = problem_of(localstack)
    kept = tmp_path / ".local" / f"localstack-{localstack.port}.log"
    assert said == (
        f"LocalStack did not start on port {localstack.port}: container order-saga-localstack exited (55); "
        f"its log ends with 'License activation failed' (all of it is in {kept})"
    )
    assert kept.read_text() == "starting\nLicense activation failed\n"
    assert " down " in docker.asked[-1]


def test_stopping_one_removes_all_of_it(docker: FakeDocker, localstack: Composed) -> None:
    docker.answer("ps --all --quiet", output="3d9ade480283")
    assert localstack.stop()
    assert docker.asked[-1].endswith("down --volumes")


def test_stopping_is_no_problem_where_nothing_runs_or_nothing_can(
    docker: FakeDocker, localstack: Composed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not localstack.stop()
    assert docker.asked
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not localstack.stop()


def test_a_person_is_told_what_starts_where_it_logs_and_what_stopped(
    docker: FakeDocker, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ministack = adapter(target_of(Backend.MINISTACK, port))
    ministack.start()
    assert f"starting MiniStack on http://127.0.0.1:{port}, log with `docker logs" in capsys.readouterr().out
    assert ministack.stop() == f"no MiniStack that `make up` started runs on port {port}"
    docker.answer("ps --all --quiet", output="3d9ade480283")
    assert ministack.stop() == "MiniStack is stopped"


def test_on_aws_there_is_nothing_to_start() -> None:
    with pytest.raises(ProblemError, match="STAGE=dev is on AWS, where there is nothing to start"):
        adapter(Target(stage="dev", endpoint=None, region="eu-central-1", stack_name="s")).start()


@pytest.mark.parametrize("backend", list(Backend))
def test_the_backend_is_the_one_that_the_environment_names(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND", backend)
    assert Target.from_environment().backend is backend


def test_the_embedded_one_is_the_default_also_where_its_line_in_env_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for empty in (False, True):
        if empty:
            monkeypatch.setenv("BACKEND", "")
        else:
            monkeypatch.delenv("BACKEND", raising=False)
        assert Target.from_environment().backend is Backend.EMBEDDED


def test_a_backend_that_there_is_not_is_told_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND", "moto")
    with pytest.raises(ProblemError, match=r"BACKEND cannot be 'moto'.*: it is one of embedded, ministack, localstack"):
        Target.from_environment()


@pytest.mark.parametrize(
    ("backend", "endpoint", "where"),
    [
        (Backend.EMBEDDED, "http://127.0.0.1:4566", "here"),
        (Backend.MINISTACK, "http://127.0.0.1:4566", "in a container"),
        (Backend.LOCALSTACK, "http://127.0.0.1:4566", "in a container"),
        (Backend.EMBEDDED, None, "on AWS"),
    ],
)
def test_functions_run_in_this_machines_python_on_the_embedded_emulator_alone(
    backend: Backend, endpoint: str | None, where: str
) -> None:
    target = Target(stage="local", endpoint=endpoint, region=None, stack_name="s", backend=backend)
    assert target.runs_functions_here is (where == "here")
    assert not target.for_containers().runs_functions_here
