"""The build ships a short list of endpoints; clients made by it call the same addresses as by the whole list."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader
from botocore.session import Session

from saga import aws
from tests.slow import slow_but_for
from tools.base.root import ROOT
from tools.deploying.endpoints import SHORT, ship_endpoints

CALLED = {"dynamodb", "events", "secretsmanager"}
PARTITIONS = Loader().load_data("endpoints")["partitions"]
REGIONS = [region for partition in PARTITIONS for region in partition["regions"]]


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The short list of an artifact."""
    artifact = tmp_path_factory.mktemp("build") / "CreateOrder-Shared"
    (artifact / "saga").mkdir(parents=True)
    ship_endpoints(artifact.parent, ROOT / "src")
    return artifact / SHORT


def called_at(loader: Loader, service: str, region: str, config: Config) -> tuple[str, ...]:
    """Return where a client calls, and the region and service of its signature; or why there is no such client."""
    session = Session()
    session.register_component("data_loader", loader)
    session.set_credentials("key", "secret")
    try:
        client = session.create_client(service, region_name=region, config=config)
    except BotoCoreError as error:
        return (str(error),)
    # Nothing public tells what a client signs for.
    signer: Any = vars(client)["_request_signer"]
    return client.meta.endpoint_url, signer._region_name, signer._signing_name  # noqa: SLF001


def test_it_has_the_services_that_functions_call_in_all_partitions_and_no_other(short: Path) -> None:
    shipped = json.loads(short.read_text())["partitions"]
    assert {service for partition in shipped for service in partition["services"]} == CALLED
    assert [{**partition, "services": 0} for partition in shipped] == [{**each, "services": 0} for each in PARTITIONS]
    for partition, whole in zip(shipped, PARTITIONS, strict=True):
        assert partition["services"] == {name: each for name, each in whole["services"].items() if name in CALLED}


def test_a_loader_of_a_build_reads_it_and_takes_it_for_botocores_own(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "SHORT_LISTS", str(short.parent))
    loader = aws.QuickLoader()
    endpoints, path = loader.load_data_with_path("endpoints")
    assert endpoints == json.loads(short.read_text())
    assert Path(path) == short.with_suffix("")
    assert loader.is_builtin_path(path)
    assert not loader.is_builtin_path("/somewhere/endpoints")


def test_without_it_a_loader_reads_the_whole_list() -> None:
    loader = aws.QuickLoader()
    endpoints, path = loader.load_data_with_path("endpoints")
    assert endpoints["partitions"] == PARTITIONS
    assert loader.is_builtin_path(path)


@pytest.mark.parametrize("region", slow_but_for(["us-east-1", "cn-north-1", *REGIONS], quick=2))
def test_a_client_calls_the_same_address_with_the_same_signature(
    short: Path, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setattr(aws, "SHORT_LISTS", str(short.parent))
    for config in (Config(), Config(use_fips_endpoint=True), Config(use_dualstack_endpoint=True)):
        for service in sorted(CALLED):
            by_the_whole_list = called_at(Loader(), service, region, config)
            assert called_at(aws.QuickLoader(), service, region, config) == by_the_whole_list
