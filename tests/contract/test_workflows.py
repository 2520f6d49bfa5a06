"""What GitHub runs: what it is pinned to, what it may do, and that all work in it is a target of the Makefile."""

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.contract.template import ROOT, TEMPLATE
from tests.pages import MAKEFILE
from tools.base.settings import SETTINGS
from tools.deploying.build import BUILD

GITHUB = ROOT / ".github"
TEXTS = {path.name: path.read_text() for path in sorted((GITHUB / "workflows").glob("*.yml"))}
WORKFLOWS: dict[str, dict[str, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
JOBS = {(workflow, job): body for workflow, read in WORKFLOWS.items() for job, body in read["jobs"].items()}
DEPLOY = WORKFLOWS["deploy.yml"]["jobs"]
DEPLOYS = {name: job for name, job in DEPLOY.items() if "environment" in job}
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
HANDS_ON = re.compile(r'echo "[^"]*" >> "\$GITHUB_OUTPUT"')
"""Work it is not: one job tells another what it saw."""
AS_ROOT = ("apt-get update", "apt-get install ", "useradd --create-home dev", "chown --recursive dev:dev ")
AS_NEWCOMER = "runuser --user dev -- "
RUNTIMES = TEMPLATE["Parameters"]["PythonRuntime"]

every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS)
every_job = pytest.mark.parametrize(("workflow", "job"), JOBS, ids=["/".join(names) for names in JOBS])


def uses(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    """Return the steps of a job that use an action, whatever its version."""
    return [step for step in job.get("steps", []) if step.get("uses", "").startswith(f"{action}@")]


def commands(job: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the words of each command of a job, but for those that make a bare container a newcomer's machine."""
    for step in job.get("steps", []):
        for line in step.get("run", "").splitlines():
            if not HANDS_ON.fullmatch(line) and not ("container" in job and line.startswith(AS_ROOT)):
                yield shlex.split(line.removeprefix(AS_NEWCOMER))


@every_workflow
def test_every_action_is_pinned_by_its_commit_and_says_which_version_that_is(workflow: str) -> None:
    used = re.findall(r"uses: (.+)$", TEXTS[workflow], re.MULTILINE)
    assert used
    ours = [use for use in used if use.startswith("./")]
    assert [use for use in ours if not (ROOT / use).is_file()] == []
    assert [use for use in used if use not in ours and not PINNED.fullmatch(use)] == []


def test_an_action_has_one_version_everywhere() -> None:
    used = {use for text in TEXTS.values() for use in re.findall(r"uses: (\S+@.+)$", text, re.MULTILINE)}
    actions = [use.partition("@")[0] for use in used]
    assert sorted(actions) == sorted(set(actions))


@every_job
def test_a_job_does_its_work_with_targets_of_the_makefile_alone(workflow: str, job: str) -> None:
    for program, *words in commands(JOBS[workflow, job]):
        assert program == "make"
        targets = [word for word in words if "=" not in word]
        assert targets
        assert [target for target in targets if not re.search(rf"^{target}\b.*:", MAKEFILE, re.MULTILINE)] == []


@every_job
def test_nothing_is_pasted_into_a_command(workflow: str, job: str) -> None:
    assert [step["run"] for step in JOBS[workflow, job].get("steps", []) if "${{" in step.get("run", "")] == []


@every_workflow
def test_a_workflow_may_do_nothing_unless_a_job_says_so(workflow: str) -> None:
    assert WORKFLOWS[workflow]["permissions"] == {}


@every_job
def test_a_job_may_read_the_code_at_most_and_a_deploying_one_may_ask_for_a_role(workflow: str, job: str) -> None:
    allowed = {"contents": "read"}
    if workflow == "deploy.yml" and job in DEPLOYS:
        allowed["id-token"] = "write"
    assert JOBS[workflow, job]["permissions"].items() <= allowed.items()


@every_job
def test_a_job_ends_in_time(workflow: str, job: str) -> None:
    body = JOBS[workflow, job]
    # A job that calls a workflow can have no limit; the jobs that it calls have theirs. Nobody waits for a nightly one.
    longest = 120 if workflow == "shells.yml" else 30
    assert "uses" in body or 0 < body["timeout-minutes"] <= longest


@every_job
def test_the_repositorys_token_is_not_left_lying_about(workflow: str, job: str) -> None:
    for checkout in uses(JOBS[workflow, job], "actions/checkout"):
        assert checkout["with"]["persist-credentials"] is False


def test_a_newer_push_ends_the_checks_of_the_older_one_and_never_a_deployment() -> None:
    ci, deploy = (WORKFLOWS[name]["concurrency"] for name in ("ci.yml", "deploy.yml"))
    assert ci["cancel-in-progress"] is True
    # Only in pull requests: elsewhere each run is a group of its own, also when deploy.yml calls it.
    assert "github.event_name == 'pull_request' && github.ref || github.run_id" in ci["group"]
    assert deploy == {"group": "deploy", "cancel-in-progress": False}


def test_strangers_code_never_runs_with_rights() -> None:
    # PyYAML reads the word "on" as true.
    assert WORKFLOWS["ci.yml"][True].keys() == {"pull_request", "push", "workflow_call"}  # type: ignore[index]
    triggers: Any = WORKFLOWS["deploy.yml"][True]  # type: ignore[index]
    assert triggers.keys() == {"push", "workflow_dispatch"}
    assert triggers["push"] == {"tags": ["v*"]}


def test_the_only_secret_is_localstacks_token_and_deployments_have_none() -> None:
    assert {workflow: set(re.findall(r"secrets\.(\w+)", text)) for workflow, text in TEXTS.items()} == {
        "ci.yml": {"LOCALSTACK_AUTH_TOKEN"},
        "deploy.yml": set(),
        "shells.yml": set(),
    }
    assert WORKFLOWS["ci.yml"]["jobs"]["localstack"]["if"] == "needs.localstack-token.outputs.there == 'yes'"


def test_the_tests_run_on_every_python_that_the_functions_may_run_on() -> None:
    tested = WORKFLOWS["ci.yml"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert [f"python{version}" for version in tested] == RUNTIMES["AllowedValues"]


def test_a_newcomers_machine_has_what_the_readme_asks_for_and_types_its_commands_without_rights() -> None:
    bare = WORKFLOWS["ci.yml"]["jobs"]["bare"]
    versions = [f"python{version}" for version in bare["strategy"]["matrix"]["python"]]
    assert versions == RUNTIMES["AllowedValues"]
    assert bare["container"] == {"image": "python:${{ matrix.python }}-slim"}
    lines = [line for step in bare["steps"] for line in step.get("run", "").splitlines()]
    installed, browser = [shlex.split(line)[2:] for line in lines if line.startswith("apt-get install ")]
    assert browser[-2:] == ["chromium", "libatomic1"]
    (asked,) = re.findall(r"`apt install ([a-z0-9 -]+)`", (ROOT / "README.md").read_text())
    # The image has Python, with venv, from elsewhere.
    assert set(asked.split()) - {"python3", "python3-venv"} == {word for word in installed if not word.startswith("--")}
    typed = [line for line in lines if not line.startswith(AS_ROOT)]
    assert typed == [f"{AS_NEWCOMER}make {target}" for target in ("demo", "demo", "down", "test")]


def test_every_suite_runs_but_for_the_one_that_wants_lambdas_image() -> None:
    asked = [word.removeprefix("ARGS=") for job in JOBS.values() for words in commands(job) for word in words]
    suites = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")}
    run = {suite for word in asked for suite in word.split() if suite.startswith("tests/")}
    assert suites - run == {"tests/docker"}


def test_a_pull_request_compares_its_contracts_with_main() -> None:
    check = WORKFLOWS["ci.yml"]["jobs"]["check"]
    (checkout,) = uses(check, "actions/checkout")
    (step,) = [step for step in check["steps"] if step.get("run") == 'make check BASE="$BASE"']
    assert checkout["with"]["fetch-depth"] == 0
    assert step["env"] == {"BASE": "${{ github.event_name == 'pull_request' && 'origin/main' || '' }}"}


def test_what_goes_to_prod_was_built_once_tested_and_tried_out_on_dev() -> None:
    assert [name for name, job in DEPLOY.items() if ["make", "build", "STAGE=dev"] in commands(job)] == ["build"]
    assert DEPLOY["test"]["uses"] == "./.github/workflows/ci.yml"
    assert DEPLOY["deploy-dev"]["needs"] == ["test", "build"]
    assert DEPLOY["deploy-prod"]["needs"] == "deploy-dev"
    tried = [word for words in commands(DEPLOY["deploy-dev"]) for word in words if word.startswith("trigger-")]
    assert tried == ["trigger-happy", "trigger-decline", "trigger-out-of-stock", "trigger-undeliverable"]


def test_a_fork_that_has_set_up_nothing_deploys_nowhere_and_no_environment_is_made_by_itself() -> None:
    """The variables are the repository's: those of an environment are not known yet where a job's `if` is read."""
    asked = {name: job["if"] for name, job in DEPLOY.items() if name == "build" or name in DEPLOYS}
    on_dev = "vars.DEPLOY_DEV == 'yes'"
    assert asked == {"build": on_dev, "deploy-dev": on_dev, "deploy-prod": "vars.DEPLOY_PROD == 'yes'"}


def test_a_person_may_give_a_deployment_parameters_and_a_tag_gives_none() -> None:
    triggers: Any = WORKFLOWS["deploy.yml"][True]  # type: ignore[index]
    assert triggers["workflow_dispatch"]["inputs"]["parameters"]["default"] == ""
    for job in DEPLOYS.values():
        (deploy,) = [step for step in job["steps"] if step.get("run", "").startswith("make deploy ")]
        assert deploy["env"]["PARAMETERS"] == "${{ inputs.parameters }}"


def test_what_was_built_reaches_each_deployment_whole() -> None:
    (kept,) = uses(DEPLOY["build"], "actions/upload-artifact")
    assert ROOT / kept["with"]["path"] == BUILD
    # Without it nothing would be kept of a folder whose name begins with a dot.
    assert kept["with"]["include-hidden-files"] is True
    for job in DEPLOYS.values():
        (fetched,) = uses(job, "actions/download-artifact")
        assert fetched["with"] == {"name": kept["with"]["name"], "path": kept["with"]["path"]}


def test_it_is_built_and_deployed_with_the_python_of_the_functions() -> None:
    for job in [DEPLOY["build"], *DEPLOYS.values()]:
        (python,) = uses(job, "actions/setup-python")
        assert f"python{python['with']['python-version']}" == RUNTIMES["Default"]


@pytest.mark.parametrize("name", DEPLOYS)
def test_a_deployment_goes_to_its_own_environment_and_installs_nothing_once_it_has_rights(name: str) -> None:
    job = DEPLOYS[name]
    assert name == f"deploy-{job['environment']}"
    assert {word for words in commands(job) for word in words if word.startswith("STAGE=")} == {
        f"STAGE={job['environment']}"
    }
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in job["steps"]]
    assert steps.index("make install") < steps.index("aws-actions/configure-aws-credentials")
    confirmed = " CONFIRM=order-saga-prod" if job["environment"] == "prod" else ""
    deploy = steps.index(f"make deploy STAGE={job['environment']}{confirmed}")
    assert steps.index("aws-actions/configure-aws-credentials") < deploy


def test_dependabot_looks_after_all_that_is_pinned() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    looked_after = {
        (update["package-ecosystem"], directory)
        for update in updates
        for directory in update.get("directories", [update.get("directory")])
    }
    requirements = {path.parent for folder in (ROOT, ROOT / "src") for path in folder.glob("requirements*.txt")}
    compose = {("docker-compose", "/")} if (ROOT / "docker-compose.yml").is_file() else set()
    assert looked_after == compose | {("github-actions", "/"), ("devcontainers", "/")} | {
        ("pip", "/" if folder == ROOT else f"/{folder.relative_to(ROOT)}") for folder in requirements
    }


def test_the_dev_container_has_the_functions_python_installs_by_itself_and_needs_no_docker() -> None:
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    version = re.escape(RUNTIMES["Default"].removeprefix("python"))
    # The major version of the image, then Python's, then Debian's name. What lies behind a tag changes: not pinned.
    assert re.fullmatch(rf"mcr\.microsoft\.com/devcontainers/python:\d+-{version}-[a-z]+", container["image"])
    assert container["postCreateCommand"] == "make install"
    assert container["forwardPorts"] == [int(SETTINGS["PORT"].default)]
    assert "features" not in container
