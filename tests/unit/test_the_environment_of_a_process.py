"""What a process gets of the shell: what its list allows, and no client of the emulator is led elsewhere."""

import os

import pytest
from botocore.utils import get_environ_proxies
from hypothesis import given
from hypothesis import strategies as st

from tools.base.environments import (
    CALL_AWS,
    CREDENTIALS,
    KEYS,
    MACHINE,
    MAY_HAVE,
    NO_SETTINGS_OF_AWS,
    NONE_OF_AWS,
    PLAIN,
    PROXIES,
    Child,
    Machine,
    emulator_coordinates,
    environment,
)
from tools.base.settings import EMULATOR_REGION, Settings, read

ON_AWS = {"STAGE": "dev"}
KNOWN = sorted(
    {name for names in MAY_HAVE.values() for name in names}
    | MACHINE
    | CREDENTIALS
    | {
        *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_DATA_PATH", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"),
        *("AWS_DEFAULT_PROFILE", "AWS_BEARER_TOKEN_BEDROCK", "AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_ACCOUNT_ID"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONSTARTUP"),
        *("UV_SYSTEM_PYTHON", "UV_PYTHON", "UV_PROJECT", "UV_TARGET", "PIP_TARGET", "PIP_USER", "PIP_REQUIRE_HASHES"),
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME", "SAM_CLI_TELEMETRY"),
        *(
            "POWERTOOLS_DEV",
            "POWERTOOLS_LOG_LEVEL",
            "POWERTOOLS_TRACE_DISABLED",
            "LOG_LEVEL",
            "DOCKER_DEFAULT_PLATFORM",
        ),
        *("MAKEFLAGS", "VIRTUAL_ENV", "CONDA_PREFIX", "FORCE_COLOR", "COLUMNS", "LD_PRELOAD", "GATEWAY_PORT", "AUTH"),
    }
)
NAMES = st.one_of(st.sampled_from(KNOWN), st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,20}\Z"))
SHELLS = st.dictionaries(
    NAMES.filter(lambda name: name not in {"STAGE", "PORT", "BACKEND"}),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20),
)
MACHINES = st.builds(Machine, st.booleans(), st.booleans())
CHILDREN = st.sampled_from(Child)
ALWAYS = {*PLAIN, "PATH"}


def settings_of(shell: dict[str, str], stage: dict[str, str]) -> Settings:
    valid = {name: text for name, text in shell.items() if name not in {"AWS_REGION", "AWS_DEFAULT_REGION"}}
    return read(
        stage | ({"AWS_REGION": "eu-west-1"} if stage else {}), valid | {"AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": ""}
    )


@given(SHELLS, MACHINES, CHILDREN)
def test_a_process_has_nothing_but_what_its_list_allows(shell: dict[str, str], machine: Machine, child: Child) -> None:
    given_to_it = environment(child, settings_of(shell, {}), machine)
    beside = emulator_coordinates("", "") if child in CALL_AWS else NONE_OF_AWS if child in NO_SETTINGS_OF_AWS else {}
    allowed = MACHINE | MAY_HAVE[child]
    assert given_to_it.keys() <= allowed | ALWAYS | beside.keys() | {"NO_PROXY", "no_proxy"}
    assert all(given_to_it[name] for name in given_to_it.keys() - {"AWS_ENDPOINT_URL"})


@given(SHELLS, SHELLS, MACHINES, CHILDREN, st.sampled_from([{}, ON_AWS]))
def test_what_is_not_on_its_list_makes_no_difference(
    shell: dict[str, str], more: dict[str, str], machine: Machine, child: Child, stage: dict[str, str]
) -> None:
    once = environment(child, settings_of(shell, stage), machine)
    foreign = {
        name: text for name, text in more.items() if name not in shell and name not in once and name not in KNOWN
    }
    assert environment(child, settings_of(shell | foreign, stage), machine) == once


@given(SHELLS, MACHINES, st.sampled_from(sorted(CALL_AWS, key=str)), st.integers(min_value=1, max_value=65535))
def test_at_the_local_stage_every_client_is_led_to_the_emulator_and_nowhere_else(
    shell: dict[str, str], machine: Machine, child: Child, port: int
) -> None:
    given_to_it = environment(child, settings_of(shell, {}).at(PORT=str(port)), machine)
    aws = {name: text for name, text in given_to_it.items() if name.startswith("AWS_")}
    assert aws == {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": EMULATOR_REGION,
        "AWS_DEFAULT_REGION": EMULATOR_REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@given(SHELLS, MACHINES, CHILDREN)
def test_on_aws_no_process_is_led_to_an_emulator(shell: dict[str, str], machine: Machine, child: Child) -> None:
    given_to_it = environment(child, settings_of(shell, ON_AWS), machine)
    assert [name for name in given_to_it if name.startswith("AWS_ENDPOINT_URL")] == []
    if child in CALL_AWS:
        assert given_to_it["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] == "true"
        assert given_to_it["AWS_REGION"] == given_to_it["AWS_DEFAULT_REGION"] == "eu-west-1"
        # Who somebody is stays theirs.
        said = {name: text for name, text in shell.items() if name in KEYS and text}
        assert {name: given_to_it.get(name) for name in said} == said
    else:
        aws = {name: text for name, text in given_to_it.items() if name.startswith("AWS_") and name != "AWS_CA_BUNDLE"}
        assert aws == (NONE_OF_AWS if child in NO_SETTINGS_OF_AWS else {})


@given(SHELLS, MACHINES, CHILDREN, st.sampled_from([{}, ON_AWS]))
def test_this_machine_is_never_reached_through_a_proxy(
    shell: dict[str, str], machine: Machine, child: Child, stage: dict[str, str]
) -> None:
    proxy = {"HTTP_PROXY": "http://proxy:3128", "all_proxy": "http://proxy:3128"}
    given_to_it = environment(child, settings_of(shell | proxy, stage), machine)
    with pytest.MonkeyPatch.context() as patch:
        for name in PROXIES:
            patch.delenv(name, raising=False)
        for name in PROXIES & given_to_it.keys():
            patch.setenv(name, given_to_it[name])
        assert get_environ_proxies("http://127.0.0.1:4566") == {}
        assert get_environ_proxies("http://localhost:4566") == {}


@pytest.mark.parametrize("child", [Child.INSTALLER, Child.BUILD])
def test_packages_still_come_by_the_persons_own_way(child: Child) -> None:
    own = {
        "HTTPS_PROXY": "http://proxy:3128",
        "PIP_INDEX_URL": "https://mirror.example.org/simple",
        "SSL_CERT_FILE": "/etc/firm.pem",
        "REQUESTS_CA_BUNDLE": "/etc/firm.pem",
    }
    given_to_it = environment(child, read(shell=own), Machine())
    assert {name: given_to_it.get(name) for name in own} == own


@given(SHELLS, MACHINES, st.sampled_from(sorted(NO_SETTINGS_OF_AWS, key=str)), st.sampled_from([{}, ON_AWS]))
def test_what_calls_no_aws_reads_no_settings_of_aws(
    shell: dict[str, str], machine: Machine, child: Child, stage: dict[str, str]
) -> None:
    given_to_it = environment(child, settings_of(shell, stage), machine)
    assert NONE_OF_AWS.items() <= given_to_it.items()


@pytest.mark.parametrize("child", sorted(CALL_AWS, key=str))
def test_aws_is_still_reached_by_the_persons_own_way(child: Child) -> None:
    own = {
        "HTTPS_PROXY": "http://proxy:3128",
        "NO_PROXY": "example.org",
        "AWS_CA_BUNDLE": "/etc/firm.pem",
        "AWS_SESSION_TOKEN": "a-token",
        "AWS_PROFILE": "work",
    }
    given_to_it = environment(child, read(ON_AWS, own), Machine())
    assert {name: given_to_it.get(name) for name in own} == own | {"NO_PROXY": "example.org,127.0.0.1,localhost,::1"}


def test_a_profile_that_is_typed_comes_before_the_keys_that_a_shell_holds() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
    typed = environment(Child.TOOL, read(ON_AWS | {"AWS_PROFILE": "work"}, keys), Machine())
    assert {name: typed[name] for name in typed if name in {*keys, "AWS_PROFILE"}} == {"AWS_PROFILE": "work"}
    written = environment(Child.TOOL, read(ON_AWS, keys, {"AWS_PROFILE": "work"}), Machine())
    assert keys.items() <= written.items()


def test_where_no_home_can_be_written_caches_go_elsewhere_and_settings_are_still_found() -> None:
    machine = Machine(home_is_writable=False, home_instead="/checkout/.local/home")
    on_aws = environment(Child.SAM, read(ON_AWS, {"HOME": "/home/me"}), machine)
    assert on_aws["HOME"] == "/checkout/.local/home"
    assert on_aws["AWS_CONFIG_FILE"] == "/home/me/.aws/config"
    assert on_aws["AWS_SHARED_CREDENTIALS_FILE"] == "/home/me/.aws/credentials"
    installing = environment(Child.INSTALLER, read(shell={"HOME": "/home/me"}), machine)
    assert (installing["XDG_CONFIG_HOME"], installing["NETRC"]) == ("/home/me/.config", "/home/me/.netrc")
    assert environment(Child.EMULATOR, read(), machine)["HOME"] == "/checkout/.local/home"
