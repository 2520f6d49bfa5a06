"""Runs a function with the SAM CLI: in its real container on this machine, or where it is deployed."""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.base.console import doing
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import NAME, ROOT, Target
from tools.deploying.build import RUNTIME, TOOLS, architecture, build, overrides, parameters, sam_environment
from tools.emulator import docker
from tools.emulator.port_forwarding import ADD_HOST, forwarded

WITHOUT = "use `make invoke-remote`, which runs the deployed function and needs no Docker"


@dataclass(frozen=True)
class Answer:
    """What a function answered, and what it logged meanwhile."""

    said: Any
    log: str

    @property
    def error_type(self) -> str | None:
        """The type of the exception that it ended with, None if it ended well."""
        return self.said.get("errorType") if isinstance(self.said, dict) else None

    @property
    def error(self) -> str | None:
        """The exception that it ended with, None if it ended well."""
        return f"{self.error_type}: {self.said.get('errorMessage')}" if self.error_type else None


Run = Callable[[Mapping[str, Any]], Answer]
"""Runs a function with an event. Raises `ProblemError` if it cannot be run; that it fails is an answer."""


@contextmanager
def deployed(stack: Stack, function: str) -> Iterator[Run]:
    """Yield what runs the deployed function, on whatever the stack is deployed to."""

    def run(event: Mapping[str, Any]) -> Answer:
        with doing(f"running {function} as it is deployed at {stack.target.name}"), _files(event=event) as files:
            words = ["--stack-name", stack.target.stack_name, "--event-file", files["event"]]
            return _answer(_sam(stack, "remote", "invoke", function, *words))

    yield run


@contextmanager
def in_container(stack: Stack, function: str) -> Iterator[Run]:
    """Yield what runs the built function in a container of Lambda's image, on the emulator.

    It has the deployed function's variables, and all rights: the emulator's key is nobody's role. Raises
    `ProblemError` if Docker or the image is missing.
    """

    def run(event: Mapping[str, Any]) -> Answer:
        with doing(f"running {function} in a container of {image(stack)}"), _files(event=event) as files:
            answer = _answer(_sam(stack, "local", "invoke", function, "--event", files["event"], *words))
        if answer.error_type == "EndpointConnectionError":
            raise ProblemError(
                f"the container does not reach the emulator on port {stack.target.port}; a firewall may keep "
                f"containers from this machine: let them in, or {WITHOUT}"
            )
        return answer

    with ready(stack, [function]) as words:
        yield run


def require_emulator(target: Target) -> None:
    """Raise `ProblemError` if this is AWS, where a container of this machine has no role."""
    if not target.endpoint:
        raise ProblemError(f"STAGE={target.stage} is on AWS, where a container of this machine has no role: {WITHOUT}")


def image(stack: Stack) -> str:
    """Return the name of Lambda's image for what is built here."""
    return f"public.ecr.aws/lambda/python:{RUNTIME.removeprefix('python')}-{architecture(stack.target)}"


@contextmanager
def ready(stack: Stack, functions: list[str]) -> Iterator[list[str]]:
    """Build, and yield the words for `sam local` with which these functions find the deployed stack."""
    target = stack.target
    docker.require(WITHOUT)
    docker.require_image(image(stack), WITHOUT)
    with doing("building the functions with sam build"):
        build(target.for_containers())
    with forwarded(target.port, docker.bridge()) as endpoint:
        variables = {function: _variables(stack, function) | {"AWS_ENDPOINT_URL": endpoint} for function in functions}
        with _files(variables=variables) as files:
            # sam hands a function only those variables that the template gives it: hence the parameter.
            here = overrides(parameters(target) | {"AwsEndpointUrl": endpoint})
            yield ["--skip-pull-image", "--add-host", ADD_HOST, "--env-vars", files["variables"], *here]


def sam_command(stack: Stack, *words: str) -> tuple[list[str | Path], dict[str, str]]:
    """Return the command that runs the SAM CLI for this stack, and its environment."""
    return [TOOLS / "sam", *words, "--config-env", stack.target.config_env], sam_environment(stack.target)


def _variables(stack: Stack, function: str) -> dict[str, str]:
    """Return the environment variables of the deployed function: the names of this stack's bus and tables."""
    configured = stack.client("lambda").get_function_configuration(FunctionName=stack.physical_id(function))
    return configured.get("Environment", {}).get("Variables", {})


def _sam(stack: Stack, *words: str) -> subprocess.CompletedProcess[str]:
    command, environment = sam_command(stack, *words)
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def _answer(done: subprocess.CompletedProcess[str]) -> Answer:
    lines = done.stderr.strip().splitlines() or ["sam said nothing"]
    if done.returncode:
        raise ProblemError(f"the function could not be run: {lines[-1].removeprefix('Error: ')}")
    try:
        return Answer(json.loads(done.stdout), done.stderr)
    except ValueError:
        raise ProblemError(f"the function gave no answer: {lines[-1]}") from None


@contextmanager
def _files(**contents: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Write each as JSON into a file of its own, and yield the paths; the files go with the block."""
    with TemporaryDirectory(prefix=f"{NAME}-") as folder:
        paths = {name: Path(folder) / f"{name}.json" for name in contents}
        for name, path in paths.items():
            path.write_text(json.dumps(contents[name]))
        yield {name: str(path) for name, path in paths.items()}
