"""Docker, asked before it is needed."""

import json
from ipaddress import ip_network

import pytest

from tests.unit.fake_docker import FakeDocker
from tests.unit.fake_docker import docker as docker  # noqa: PLC0414  a fixture
from tools.base.problem import ProblemError
from tools.emulator import docker as engine
from tools.emulator.docker import Bridge


def test_docker_is_asked_for_its_bridge(docker: FakeDocker) -> None:
    docker.answer("network inspect bridge", output=json.dumps([{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}]))
    assert engine.bridge() == Bridge("172.17.0.1", ip_network("172.17.0.0/16"))


def test_a_bridge_without_a_gateway_has_the_first_address_of_its_network(docker: FakeDocker) -> None:
    docker.answer("network inspect bridge", output=json.dumps([{"Subnet": "172.18.0.0/16"}]))
    assert engine.bridge().gateway == "172.18.0.1"


def test_an_image_is_pulled_once(docker: FakeDocker) -> None:
    docker.answer("image inspect", status=1)
    engine.require_image("lambda", "do without")
    docker.answer("image inspect")
    engine.require_image("lambda", "do without")
    assert [asked for asked in docker.asked if asked.startswith("pull")] == ["pull --quiet lambda"]


def test_an_image_that_cannot_be_pulled_is_told_with_what_needs_none(docker: FakeDocker) -> None:
    docker.answer("image inspect", status=1)
    docker.answer("pull", error="Error response from daemon: no such host", status=1)
    with pytest.raises(ProblemError, match=r"image lambda cannot be pulled \(Error .*no such host\).* or do without"):
        engine.require_image("lambda", "do without")
