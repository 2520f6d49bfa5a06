"""Ways to break a guard of the saga. Each takes a `MonkeyPatch`, so the code itself is never touched."""

import random
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError

from inventory import reserve_inventory
from orders import create_order, recover_orders
from payments import charge_payment, refund_payment
from saga import aws, bus, orders_table, step
from saga.bus import PublishError
from saga.events import InventoryFailed, PaymentRefunded
from saga.orders_table import CompanionRefusedError

Patch = pytest.MonkeyPatch


def the_orders_condition_is_dropped(patch: Patch) -> None:
    _change_moves(patch, lambda _outcome: True)


def a_refused_reservation_is_written_whatever_the_order_says(patch: Patch) -> None:
    _change_moves(patch, lambda outcome: isinstance(outcome, InventoryFailed))


def an_overdue_event_is_acted_on_without_a_read(patch: Patch) -> None:
    patch.setattr(step, "overdue", lambda _consumed: False)


def failed_entries_are_ignored(patch: Patch) -> None:
    def careless(*published: Any) -> Any:
        try:
            return bus.publish(*published)
        except PublishError:
            return ["an id"] * len(published)

    for module in (step, create_order, recover_orders):
        patch.setattr(module, "publish", careless)


def an_event_is_published_before_its_write(patch: Patch) -> None:
    commit = _as_it_is(step.Step, "_commit")

    def hasty(self: Any, consumed: Any, outcome: Any) -> Any:
        bus.publish(outcome)
        return commit(self, consumed, outcome)

    patch.setattr(step.Step, "_commit", hasty)


def a_clients_key_gives_a_random_order_id(patch: Patch) -> None:
    patch.setattr(create_order, "derived_id", _random_id)


def a_reservation_gets_a_random_id(patch: Patch) -> None:
    patch.setattr(reserve_inventory, "derived_id", _random_id)


def a_duplicate_publishes_what_it_tried_and_not_what_is_stored(patch: Patch) -> None:
    done_before = _as_it_is(step.Step, "_done_before")

    def forgetful(self: Any, consumed: Any, order: Any, tried: Any = None) -> Any:
        if tried is None or tried.status != order.status:
            return done_before(self, consumed, order, tried)
        (event_id,) = bus.publish(tried)
        return step.Delivery.DUPLICATE, tried, event_id

    patch.setattr(step.Step, "_done_before", forgetful)


def a_duplicate_does_not_publish_again(patch: Patch) -> None:
    patch.setattr(step.Step, "_done_before", lambda *_args, **_kwargs: (step.Delivery.STALE, None, None))


def a_charge_is_voided_whichever_outcome_was_first(patch: Patch) -> None:
    done_before = _as_it_is(step.Step, "_done_before")

    def overzealous(self: Any, consumed: Any, order: Any, tried: Any = None) -> Any:
        if tried is not None and (undo := self._undo.get(type(tried))):
            undo(tried)
        return done_before(self, consumed, order, tried)

    patch.setattr(step.Step, "_done_before", overzealous)


def a_lost_race_voids_nothing(patch: Patch) -> None:
    patch.setattr(charge_payment.handler, "_undo", {})


def a_refund_voids_nothing(patch: Patch) -> None:
    def lazy(failed: Any) -> PaymentRefunded:
        return PaymentRefunded.after(failed, refund_id="refund")

    patch.setattr(refund_payment.handler, "_decide", lazy)


def a_charge_knows_no_deadline(patch: Patch) -> None:
    patch.setattr(charge_payment, "overdue", lambda _consumed: False)


def a_conflict_is_taken_for_an_empty_shelf(patch: Patch) -> None:
    patch.setattr(orders_table, "ConflictError", CompanionRefusedError)


def the_shelfs_reason_is_looked_at_before_the_orders(patch: Patch) -> None:
    moved_on = _as_it_is(orders_table, "_moved_on")

    def shelf_first(order_id: str, answer: Any) -> Exception:
        cancelled: Any = sys.exc_info()[1]
        reasons = cancelled.response.get("CancellationReasons", [{}])
        shelf_refused = reasons[-1].get("Code") == orders_table.REFUSED and len(reasons) > 1
        return CompanionRefusedError(order_id) if shelf_refused else moved_on(order_id, answer)

    patch.setattr(orders_table, "_moved_on", shelf_first)


def stock_moves_outside_the_transaction(patch: Patch) -> None:
    advance = orders_table.advance

    @wraps(advance)
    def apart(consumed: Any, outcome: Any, companion: Any = None) -> None:
        if companion:
            client = aws.dynamodb()
            try:
                client.update_item(**companion)
            except client.exceptions.ConditionalCheckFailedException as refusal:
                raise CompanionRefusedError from refusal
        advance(consumed, outcome)

    patch.setattr(orders_table, "advance", apart)


def recovery_skips_an_order(patch: Patch) -> None:
    publish_again = recover_orders.publish_again
    patch.setattr(recover_orders, "publish_again", lambda orders: publish_again(orders[1:]))


def recovery_publishes_nothing(patch: Patch) -> None:
    patch.setattr(recover_orders, "publish_again", lambda _orders: 0)


def a_new_order_replaces_one_of_the_same_id(patch: Patch) -> None:
    client = aws.dynamodb

    class Overwriting:
        def __getattr__(self, name: str) -> Any:
            return getattr(client(), name)

        def put_item(self, *, ConditionExpression: str, **put: Any) -> Any:  # noqa: ARG002, N803  the API's name
            return client().put_item(**put)

    patch.setattr(orders_table, "dynamodb", Overwriting)


def an_order_is_answered_though_it_was_not_stored(patch: Patch) -> None:
    create = orders_table.create

    def careless(created: Any) -> None:
        with suppress(ClientError):
            create(created)

    patch.setattr(orders_table, "create", careless)
    patch.setattr(create_order, "announce", lambda _created: None)


def a_finished_order_stays_in_the_index(patch: Patch) -> None:
    patch.setattr(orders_table, "TERMINAL", frozenset())


def _as_it_is(owner: Any, name: str) -> Any:
    return getattr(owner, name)


def _random_id(_kind: str, _name: str) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


def _change_moves(patch: Patch, unconditional: Callable[[Any], bool]) -> None:
    move = _as_it_is(orders_table, "_move")

    def changed(consumed: Any, outcome: Any) -> Any:
        made: dict[str, Any] = {**move(consumed, outcome)}
        if unconditional(outcome):
            del made["ConditionExpression"]
            values = {name: value for name, value in made["ExpressionAttributeValues"].items() if name != ":before"}
            made["ExpressionAttributeValues"] = values
        return made

    patch.setattr(orders_table, "_move", changed)
