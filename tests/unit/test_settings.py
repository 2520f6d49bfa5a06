"""Where the commands work: the command line, over the shell, over .env, over the defaults."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.base import env_file, settings
from tools.base.backend import Backend
from tools.base.problem import ProblemError
from tools.base.settings import SETTINGS, Source, read

PORTS = st.one_of(st.none(), st.just(""), st.integers(min_value=1, max_value=65535).map(str))


def given_by(*values: str | None) -> list[dict[str, str]]:
    return [{} if value is None else {"PORT": value} for value in values]


@given(typed=PORTS, exported=PORTS, written=PORTS)
def test_the_first_place_that_has_a_value_decides(typed: str | None, exported: str | None, written: str | None) -> None:
    places = [(typed, Source.COMMAND_LINE), (exported, Source.SHELL), (written, Source.FILE), ("4566", Source.DEFAULT)]
    port, source = next((value, source) for value, source in places if value)
    outcome = read(*given_by(typed, exported, written))
    assert (outcome.port, outcome.values["PORT"].source) == (int(port), source)


def test_without_any_of_it_an_embedded_emulator_on_this_machine_is_meant() -> None:
    outcome = read()
    assert (outcome.stage, outcome.backend, outcome.endpoint) == ("local", Backend.EMBEDDED, "http://127.0.0.1:4566")
    assert outcome.region == settings.EMULATOR_REGION
    assert {value.source for value in outcome.values.values()} == {Source.DEFAULT}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("STAGE=dev", "dev"),
        ('STAGE="dev"', "dev"),
        ("STAGE='dev'   # where it goes", "dev"),
        ("export STAGE=dev", "dev"),
        ("  STAGE = dev  ", "dev"),
        ("STAGE=dev # where it goes", "dev"),
        ("\ufeffSTAGE=dev\r", "dev"),
        ("# STAGE=dev", "local"),
        ("STAGE=", "local"),
        ("STAGE", "local"),
        ("A_NOTE=to myself\nSTAGE=dev", "dev"),
    ],
)
def test_a_line_of_the_file_is_read_as_a_person_means_it(tmp_path: Path, line: str, value: str) -> None:
    (tmp_path / ".env").write_text(f"{line}\n")
    assert read(file=env_file.read(tmp_path / ".env")).stage == value


@pytest.mark.parametrize("content", [b"STAGE='dev\n", b"=dev\n", b"STAGE=d\xff\xfev\n"])
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(ProblemError) as problem:
        env_file.read(tmp_path / ".env")
    assert ".env" in str(problem.value)
    assert "\n" not in str(problem.value)


def test_a_folder_of_that_name_is_one_line_and_no_file_is_none(tmp_path: Path) -> None:
    assert env_file.read(tmp_path / ".env") == {}
    (tmp_path / ".env").mkdir()
    with pytest.raises(ProblemError, match=r"\.env cannot be read"):
        env_file.read(tmp_path / ".env")


WRONG = {
    "STAGE": ["Dev", "d", "a b", "1st", "stage-with-hyphen", "ünicode"],
    "BACKEND": ["moto", "LocalStack", "embedded "[:4]],
    "PORT": ["0", "65536", "http", "-1", "4566/tcp", "tcp://10.0.0.1:80"],
    "AWS_REGION": ["Europe", "eu central 1", "eu-central"],
    "CLOUDFORMATION_ROLE_ARN": ["deployer"],
    "LOCALSTACK_AUTH_TOKEN": ["two words"],
    "LOCALSTACK_ENFORCE_IAM": ["perhaps"],
    "DEBUG": ["*"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_one_line_with_its_place_and_what_is_allowed(name: str, value: str) -> None:
    stage = {"STAGE": "dev"} if SETTINGS[name].only == "AWS" else {}
    with pytest.raises(ProblemError) as problem:
        read(stage | {name: value})
    said = str(problem.value)
    assert "\n" not in said
    assert SETTINGS[name].allowed in said
    assert "the command line" in said
    assert (value in said) is (not SETTINGS[name].secret)


def test_a_value_that_matters_elsewhere_alone_is_nobodys_problem() -> None:
    assert read(shell={"AWS_REGION": "Europe", "AWS_PROFILE": "\n"}).endpoint
    assert read({"STAGE": "dev"}, {"PORT": "tcp://10.0.0.1:80", "BACKEND": "none"}).endpoint is None


@given(st.dictionaries(st.sampled_from(["DEBUG", "CONFIRM"]), st.text(), min_size=1))
def test_a_shell_confirms_nothing_and_switches_no_traces_on(shell: dict[str, str]) -> None:
    outcome = read(shell=shell, file=shell)
    assert (outcome.confirmed, outcome.debug) == ("", False)


@pytest.mark.parametrize(("shell", "region"), [({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"), ({}, None)])
def test_on_aws_the_region_has_two_names_in_a_shell(shell: dict[str, str], region: str | None) -> None:
    assert read({"STAGE": "dev"}, shell).region == region
    assert read({"STAGE": "dev", "AWS_REGION": "us-west-2"}, shell).region == "us-west-2"


def test_the_next_command_is_named_with_what_was_typed_and_nothing_else() -> None:
    assert (
        read({"PORT": "4570", "STAGE": "local"}, {"BACKEND": "localstack"}, {}).typed_place == " STAGE=local PORT=4570"
    )
    assert read({}, {"PORT": "4570"}, {"BACKEND": "localstack"}).typed_place == ""
