"""Ways to break a guard of the shop, and the proofs that notice those that only an order can show."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from contract import fitting
from contract.events import InventoryFailed, PaymentAbandoned, PaymentPending, PaymentRefunded, RefundRefused
from contract.identity import derived_id
from inventory import reserve_inventory
from orders import create_order, order_ids
from payments import charge_payment, confirm_payment, refund_payment
from payments.gateway import Never, NotYet, Paid, Payment, Pending, VoidedBefore
from saga import step, table
from saga.deferral import Deferral
from shipping import notify_shipping
from shipping.carrier import Shipment
from tests.simulation import mutations, proofs
from tests.simulation.mutations import as_it_is, change_moves
from tests.simulation.shop import known_schedules

Patch = pytest.MonkeyPatch


def a_refused_reservation_is_written_whatever_the_order_says(patch: Patch) -> None:
    change_moves(patch, lambda outcome: isinstance(outcome, InventoryFailed))


def a_clients_key_gives_a_random_order_id(patch: Patch) -> None:
    patch.setattr(order_ids, "derived_id", _random_id)


def a_clients_key_is_the_whole_shops(patch: Patch) -> None:
    patch.setattr(order_ids.OrderIds, "of", lambda _customer, key: order_ids.OrderIds(derived_id("order", key)))


def a_reservation_gets_a_random_id(patch: Patch) -> None:
    patch.setattr(reserve_inventory, "derived_id", _random_id)


def a_lost_race_voids_nothing(patch: Patch) -> None:
    patch.setattr(charge_payment.handler, "_undo", {})


def a_charge_is_made_and_its_order_deferred(patch: Patch) -> None:
    _let_charge_say(patch, Paid, _defer)


def _defer(_consumed: Any) -> Any:
    raise Deferral("later")


def a_refund_voids_nothing(patch: Patch) -> None:
    def lazy(failed: Any) -> PaymentRefunded:
        return PaymentRefunded.after(failed, refund_id=derived_id("refund", failed.order_id))

    patch.setattr(refund_payment.handler, "_decide", lazy)


def a_charge_knows_no_deadline(patch: Patch) -> None:
    patch.setattr(charge_payment.handler, "_abandon", None)


def an_order_is_answered_though_it_was_not_stored(patch: Patch) -> None:
    create = table.create

    def careless(created: Any, checks: Any) -> None:
        with suppress(ClientError):
            create(created, checks)

    patch.setattr(table, "create", careless)
    patch.setattr(create_order, "announce", lambda _created: None)


def what_a_provider_says_is_not_cut(patch: Patch) -> None:
    for name in ("reason", "reference"):
        patch.setattr(fitting, name, lambda said: said)


def a_pending_payment_is_given_up_at_once(patch: Patch) -> None:
    _let_charge_say(patch, Pending, lambda reserved: PaymentAbandoned.after(reserved, failure_reason="timed out"))


def a_pending_payment_has_the_deadline_of_other_orders(patch: Patch) -> None:
    patch.setattr(PaymentPending, "waits", False)


def a_pending_payment_has_no_deadline(patch: Patch) -> None:
    patch.setattr(confirm_payment.handler, "_abandon", None)


def a_payment_that_is_pending_still_fails_the_step(patch: Patch) -> None:
    def impatient(pending: Any) -> Any:
        try:
            return decide(pending)
        except Deferral as deferral:
            raise RuntimeError(str(deferral)) from deferral

    decide = mutations.as_it_is(confirm_payment.handler, "_decide")
    patch.setattr(confirm_payment.handler, "_decide", impatient)


def an_outcome_is_undone_unless_the_saga_went_through_it_first(patch: Patch) -> None:
    def was_first(outcome: Any, record: Any) -> bool:
        return bool(outcome.status == record.passed(charge_payment.handler.publishes))

    patch.setattr(step, "_may_stand", was_first)


def a_refund_that_is_refused_is_repeated(patch: Patch) -> None:
    def stubborn(_failed: Any) -> Any:
        raise Deferral("again")

    _let_refund_say(patch, Never, stubborn)


def a_refund_that_is_refused_is_taken_for_one(patch: Patch) -> None:
    _let_refund_say(patch, Never, lambda failed: PaymentRefunded.after(failed, refund_id="refund"))


def a_refund_that_is_not_possible_yet_is_taken_for_one(patch: Patch) -> None:
    _let_refund_say(patch, NotYet, lambda failed: PaymentRefunded.after(failed, refund_id="refund"))


def what_was_refunded_by_hand_is_taken_for_a_refusal(patch: Patch) -> None:
    _let_refund_say(patch, VoidedBefore, lambda failed: RefundRefused.after(failed, refund_failure_reason="before"))


def _let_charge_say(patch: Patch, told: type, say: Callable[[Any], Any]) -> None:
    _answer(patch, charge_payment, told, say)


def _let_refund_say(patch: Patch, told: type, say: Callable[[Any], Any]) -> None:
    _answer(patch, refund_payment, told, say)


def _answer(patch: Patch, module: Any, told: type, say: Callable[[Any], Any]) -> None:
    """Let a step decide so when its provider answers with this type, and as it is otherwise."""
    decide = mutations.as_it_is(module.handler, "_decide")

    def other(consumed: Any) -> Any:
        gateway = module.gateway
        ask = gateway.charge if module is charge_payment else gateway.void
        answer = ask(Payment.of(consumed))
        if isinstance(answer, told):
            return say(consumed)
        with pytest.MonkeyPatch.context() as overheard:
            again = SimpleNamespace(charge=lambda _payment: answer, void=lambda _payment: answer)
            overheard.setattr(module, "gateway", again)
            return decide(consumed)

    patch.setattr(module.handler, "_decide", other)


def _random_id(_kind: str, _name: str) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def a_carrier_is_asked_for_one_piece(patch: Patch) -> None:
    patch.setattr(notify_shipping, "Shipment", lambda key, customer, sku, _quantity: Shipment(key, customer, sku, 1))


def an_order_is_charged_in_another_currency(patch: Patch) -> None:
    of = as_it_is(Payment, "of")
    patch.setattr(Payment, "of", lambda order: replace(of(order), currency="USD"))


def a_provider_is_told_another_payment_method(patch: Patch) -> None:
    of = as_it_is(Payment, "of")
    patch.setattr(Payment, "of", lambda order: replace(of(order), method="pm_of_another"))


ALONE = [
    (mutations.an_overdue_event_is_acted_on_without_a_read,
     known_schedules.an_order_is_shipped_and_its_charge_replayed_to_a_carrier_that_forgot_it),
    (mutations.failed_entries_are_ignored, known_schedules.the_bus_refuses_an_event_of_a_step),
    (a_clients_key_gives_a_random_order_id, proofs.the_crash_matrix_of_repeated_requests),
    (a_clients_key_gives_a_random_order_id, proofs.the_schedules),
    (a_clients_key_is_the_whole_shops, proofs.the_schedules),
    (a_lost_race_voids_nothing,
     known_schedules.a_charge_arrives_after_its_order_timed_out_and_before_its_refund),
    (a_lost_race_voids_nothing,
     known_schedules.a_charge_arrives_after_its_void_at_a_gateway_that_forgets_voids),
    (a_charge_is_made_and_its_order_deferred, proofs.the_crash_matrix),
    (a_charge_is_made_and_its_order_deferred, proofs.the_schedules),
    (mutations.a_circuit_breaker_never_closes, known_schedules.the_gateway_is_away_until_the_circuit_opens),
    (mutations.an_unreachable_provider_fails_the_step, known_schedules.the_gateway_is_away_until_the_circuit_opens),
    (mutations.an_unreachable_provider_fails_the_step,
     known_schedules.a_charge_is_lost_in_a_race_while_the_gateway_is_away),
    (mutations.recovery_lets_deadlines_wait, known_schedules.more_is_due_than_the_ceiling_lets_through),
    (mutations.recovery_reads_what_was_true_a_moment_ago, known_schedules.recovery_runs_just_after_a_step),
    (mutations.a_duration_is_in_seconds, known_schedules.an_order_goes_well),
    (mutations.a_first_event_is_never_counted, known_schedules.an_order_goes_well),
    (mutations.a_line_says_what_was_ordered, known_schedules.an_order_goes_well),
    (mutations.a_saga_that_is_compensated_counts_as_given_up_again, known_schedules.an_order_times_out_at_its_charge),
    (a_carrier_is_asked_for_one_piece, known_schedules.an_order_goes_well),
    (an_order_is_charged_in_another_currency, known_schedules.an_order_goes_well),
    (a_provider_is_told_another_payment_method, known_schedules.an_order_goes_well),
    (a_refund_voids_nothing, proofs.the_crash_matrix),
    (a_refund_voids_nothing, proofs.the_schedules),
    (a_charge_knows_no_deadline, proofs.the_crash_matrix),
    (mutations.a_conflict_is_taken_for_a_failed_condition, known_schedules.the_shelf_is_busy_for_a_moment),
    (an_order_is_answered_though_it_was_not_stored, proofs.the_crash_matrix),
    (what_a_provider_says_is_not_cut, proofs.the_crash_matrix),
    (what_a_provider_says_is_not_cut, proofs.the_schedules),
    (a_pending_payment_is_given_up_at_once, proofs.the_crash_matrix),
    (a_pending_payment_is_given_up_at_once, proofs.the_schedules),
    (a_pending_payment_has_the_deadline_of_other_orders,
     known_schedules.a_payment_is_pending_for_longer_than_other_orders_may_take),
    (a_pending_payment_has_no_deadline, proofs.the_crash_matrix),
    (a_pending_payment_has_no_deadline, proofs.the_schedules),
    (a_payment_that_is_pending_still_fails_the_step, proofs.the_crash_matrix),
    (an_outcome_is_undone_unless_the_saga_went_through_it_first,
     known_schedules.a_late_duplicate_is_told_paid_while_its_payment_is_pending),
    (an_outcome_is_undone_unless_the_saga_went_through_it_first,
     known_schedules.a_late_duplicate_is_told_paid_after_its_payment_was_confirmed),
    (an_outcome_is_undone_unless_the_saga_went_through_it_first, proofs.the_crash_matrix_of_duplicates),
    (a_refund_that_is_refused_is_repeated, proofs.the_crash_matrix),
    (a_refund_that_is_refused_is_repeated, proofs.the_schedules),
    (a_refund_that_is_refused_is_taken_for_one, proofs.the_crash_matrix),
    (a_refund_that_is_not_possible_yet_is_taken_for_one, known_schedules.a_refund_takes_its_time),
    (a_refund_that_is_not_possible_yet_is_taken_for_one, proofs.the_crash_matrix),
    (what_was_refunded_by_hand_is_taken_for_a_refusal, proofs.the_crash_matrix),
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
