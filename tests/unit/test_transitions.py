from itertools import pairwise

import pytest

from tests.unit.stories import FINAL, STATUS, STORIES, Story
from tools.base.transitions import EVENT_OF_STATUS, EVENTS, TERMINAL, TRANSITIONS, is_path

# The table of the contract, written out: what may come after what.
FOLLOWS = {
    None: {"CREATED"},
    "CREATED": {"INVENTORY_RESERVED", "INVENTORY_FAILED"},
    "INVENTORY_RESERVED": {"PAYMENT_PENDING", "PAYMENT_CHARGED", "PAYMENT_FAILED", "PAYMENT_ABANDONED"},
    "PAYMENT_PENDING": {"PAYMENT_CHARGED", "PAYMENT_FAILED", "PAYMENT_ABANDONED"},
    "PAYMENT_CHARGED": {"SHIPPING_SCHEDULED", "SHIPPING_FAILED"},
    "PAYMENT_FAILED": {"INVENTORY_RELEASED"},
    "PAYMENT_ABANDONED": {"PAYMENT_REFUNDED", "REFUND_REFUSED"},
    "SHIPPING_FAILED": {"PAYMENT_REFUNDED", "REFUND_REFUSED"},
    "PAYMENT_REFUNDED": {"INVENTORY_RELEASED"},
    "REFUND_REFUSED": {"INVENTORY_RELEASED"},
}


def test_the_allowed_moves_are_those_of_the_contract() -> None:
    assert {(before, after) for before, afters in FOLLOWS.items() for after in afters} == TRANSITIONS


def test_the_final_statuses_are_those_of_the_contract() -> None:
    assert {"INVENTORY_FAILED", "SHIPPING_SCHEDULED", "INVENTORY_RELEASED"} == TERMINAL
    assert {STATUS[event] for event in FINAL} == TERMINAL


def test_every_status_has_its_event() -> None:
    assert {status: event.detail_type for status, event in EVENT_OF_STATUS.items()} == {
        status: event for event, status in STATUS.items()
    }
    assert EVENTS.keys() == STATUS.keys()


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_story_is_a_path_from_its_creation_on_as_far_as_it_got(story: Story) -> None:
    statuses = [STATUS[event] for event in story.path]
    assert all(is_path(statuses[:length]) for length in range(1, len(statuses) + 1))


def test_every_move_is_made_by_some_story() -> None:
    made = {(STATUS[before], STATUS[after]) for story in STORIES for before, after in pairwise(story.path)}
    assert made | {(None, "CREATED")} == TRANSITIONS


@pytest.mark.parametrize(
    "statuses",
    [
        ["INVENTORY_RESERVED"],
        ["CREATED", "CREATED"],
        ["CREATED", "PAYMENT_CHARGED"],
        ["CREATED", "INVENTORY_RESERVED", "PAYMENT_CHARGED", "PAYMENT_ABANDONED"],
        ["CREATED", "INVENTORY_RESERVED", "PAYMENT_CHARGED", "PAYMENT_REFUNDED"],
        ["CREATED", "INVENTORY_FAILED", "INVENTORY_RELEASED"],
        ["CREATED", "INVENTORY_RESERVED", "PAYMENT_FAILED", "PAYMENT_REFUNDED"],
        ["CREATED", "INVENTORY_RESERVED", "PAYMENT_PENDING", "SHIPPING_SCHEDULED"],
        ["CREATED", "NONSENSE"],
    ],
    ids=" ".join,
)
def test_what_is_no_path_is_told(statuses: list[str]) -> None:
    assert not is_path(statuses)
