"""Ids, time and settings: what everything else stands on."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from contract.identity import derived_id
from saga.clock import iso, now, to_millisecond
from saga.settings import Settings
from tests.virtual_clock import VirtualClock


def test_an_id_follows_from_what_it_names_today_and_in_ten_years() -> None:
    # Written out: another namespace or scheme would make other ids for the orders that are under way.
    assert derived_id("reservation", "order-1") == "9d8da770-dc00-5aeb-8701-0d869f23deec"


def test_ids_of_another_kind_or_name_are_other_ids() -> None:
    ids = {derived_id(kind, name) for kind in ("payment", "refund") for name in ("order-1", "order-2")}
    assert len(ids) == 4


def test_the_time_is_in_utc_and_reads_back_as_itself(clock: VirtualClock) -> None:
    clock.time = datetime(2026, 1, 31, 10, 30, 0, 125_999, tzinfo=timezone(timedelta(hours=1)))
    assert now() == datetime(2026, 1, 31, 9, 30, 0, 125_000, tzinfo=UTC)
    assert iso(now()) == "2026-01-31T09:30:00.125Z"
    assert datetime.fromisoformat(iso(now())) == now()


@pytest.fixture
def _far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    yield
    monkeypatch.delenv("TZ")
    time.tzset()


@pytest.mark.usefixtures("_far_from_greenwich")
def test_the_zone_of_the_machine_makes_no_difference() -> None:
    at = datetime(2026, 1, 31, 10, 30, 0, 125_999, tzinfo=timezone(timedelta(hours=1)))
    assert to_millisecond(at).isoformat() == "2026-01-31T09:30:00.125000+00:00"
    assert iso(at) == "2026-01-31T09:30:00.125Z"
    assert now().tzinfo is UTC


def test_a_whole_second_is_written_with_its_milliseconds() -> None:
    assert iso(datetime(2026, 1, 31, tzinfo=UTC)) == "2026-01-31T00:00:00.000Z"


ENVIRONMENT = {
    "EVENT_BUS_NAME": "bus",
    "RECORDS_TABLE_NAME": "orders",
    "DEADLINE_SECONDS": "900",
    "RECOVER_AFTER_SECONDS": "60",
    "PROVIDER_TIMEOUT_SECONDS": "2",
}


def test_settings_are_read_from_the_environment() -> None:
    settings = Settings.model_validate({**ENVIRONMENT, "PATH": "ignored"})
    assert (settings.event_bus_name, settings.records_table_name) == ("bus", "orders")
    assert (settings.deadline, settings.recover_after) == (timedelta(minutes=15), timedelta(minutes=1))
    assert settings.provider_timeout == timedelta(seconds=2)


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_setting_is_named(name: str) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    with pytest.raises(ValidationError, match=name):
        Settings.model_validate(environment)


def test_an_ill_typed_setting_is_named() -> None:
    with pytest.raises(ValidationError, match="DEADLINE_SECONDS"):
        Settings.model_validate({**ENVIRONMENT, "DEADLINE_SECONDS": "soon"})
