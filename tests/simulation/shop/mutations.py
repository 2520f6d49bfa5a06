"""Ways to break a guard of the shop, and the proofs that notice those that only an order can show."""

import random
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from contract.events import InventoryFailed, PaymentRefunded
from inventory import reserve_inventory
from orders import create_order
from payments import charge_payment, refund_payment
from saga import table
from tests.simulation import mutations, proofs
from tests.simulation.mutations import change_moves
from tests.simulation.shop import known_schedules

Patch = pytest.MonkeyPatch


def a_refused_reservation_is_written_whatever_the_order_says(patch: Patch) -> None:
    change_moves(patch, lambda outcome: isinstance(outcome, InventoryFailed))


def a_clients_key_gives_a_random_order_id(patch: Patch) -> None:
    patch.setattr(create_order, "derived_id", _random_id)


def a_reservation_gets_a_random_id(patch: Patch) -> None:
    patch.setattr(reserve_inventory, "derived_id", _random_id)


def a_lost_race_voids_nothing(patch: Patch) -> None:
    patch.setattr(charge_payment.handler, "_undo", {})


def a_refund_voids_nothing(patch: Patch) -> None:
    def lazy(failed: Any) -> PaymentRefunded:
        return PaymentRefunded.after(failed, refund_id="refund")

    patch.setattr(refund_payment.handler, "_decide", lazy)


def a_charge_knows_no_deadline(patch: Patch) -> None:
    patch.setattr(charge_payment.handler, "_on_deadline", None)


def an_order_is_answered_though_it_was_not_stored(patch: Patch) -> None:
    create = table.create

    def careless(created: Any) -> None:
        with suppress(ClientError):
            create(created)

    patch.setattr(table, "create", careless)
    patch.setattr(create_order, "announce", lambda _created: None)


def _random_id(_kind: str, _name: str) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


ALONE = [
    (mutations.an_overdue_event_is_acted_on_without_a_read,
     known_schedules.an_order_is_shipped_and_its_charge_replayed_to_a_carrier_that_forgot_it),
    (mutations.failed_entries_are_ignored, known_schedules.the_bus_refuses_an_event_of_a_step),
    (a_clients_key_gives_a_random_order_id, proofs.the_crash_matrix_of_repeated_requests),
    (a_clients_key_gives_a_random_order_id, proofs.the_schedules),
    (a_lost_race_voids_nothing,
     known_schedules.a_charge_arrives_after_its_order_timed_out_and_before_its_refund),
    (a_lost_race_voids_nothing,
     known_schedules.a_charge_arrives_after_its_void_at_a_gateway_that_forgets_voids),
    (a_refund_voids_nothing, proofs.the_crash_matrix),
    (a_refund_voids_nothing, proofs.the_schedules),
    (a_charge_knows_no_deadline, proofs.the_crash_matrix),
    (mutations.a_conflict_is_taken_for_a_failed_condition, known_schedules.the_shelf_is_busy_for_a_moment),
    (an_order_is_answered_though_it_was_not_stored, proofs.the_crash_matrix),
]  # fmt: skip
"""A guard that nothing else stands in for, and a proof that misses it."""

TOGETHER = [
    (mutations.the_other_writes_reasons_are_looked_at_before_the_records,
     a_refused_reservation_is_written_whatever_the_order_says,
     known_schedules.the_last_piece_is_ordered_once_and_its_event_repeated),
    (a_reservation_gets_a_random_id,
     mutations.a_duplicate_publishes_what_it_tried_and_not_what_is_stored,
     known_schedules.the_last_piece_is_ordered_once_and_its_event_repeated),
    (mutations.a_duplicate_does_not_publish_again,
     mutations.recovery_publishes_nothing,
     known_schedules.a_step_dies_between_its_write_and_its_publish),
    (mutations.an_overdue_event_is_acted_on_without_a_read,
     a_charge_knows_no_deadline,
     known_schedules.an_order_is_done_and_its_reservation_replayed_days_later),
    (a_lost_race_voids_nothing,
     a_refund_voids_nothing,
     known_schedules.a_charge_arrives_after_its_order_timed_out_and_was_refunded),
]  # fmt: skip
"""Two guards against one thing, and the schedule in which one of them is enough."""
