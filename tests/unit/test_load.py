"""What `make load` makes of what it measured."""

import pytest
from rich.console import Console

from tools.shop.load import Answered, Measured, percentiles

SHIPPED = {
    "status": "SHIPPING_SCHEDULED",
    "createdAt": "2026-03-01T09:00:00.000Z",
    "updatedAt": "2026-03-01T09:00:01.500Z",
}


def measured(*answers: Answered, final: int = 0) -> Measured:
    return Measured(answers, 2.0, {f"order-{number}": SHIPPED for number in range(final)})


def taken(seconds: float) -> Answered:
    return Answered(201, seconds, f"order-{seconds}")


def test_times_are_of_the_orders_that_were_taken_and_of_those_that_are_final() -> None:
    found = measured(taken(0.2), taken(0.4), Answered(429, 9.0), final=2)
    assert found.to_201 == [200, 400]
    assert found.to_final == [1500, 1500]
    console = Console(width=100)
    with console.capture() as printed:
        console.print(found.table())
    assert "to the final status" in printed.get()


def test_what_was_throttled_or_failed_or_not_answered_is_counted() -> None:
    found = measured(taken(0.2), Answered(429, 0.1), Answered(429, 0.1), Answered(502, 0.1), Answered(0, 30), final=1)
    assert list(found.lines()) == [
        "5 orders placed in 2.0 s",
        "1 taken: 0.5 a second",
        "throttled (429): 2",
        "errors (5xx): 1; no answer: 1",
        "ended as SHIPPING_SCHEDULED: 1",
    ]
    assert found.problems == ["1 not answered", "2 answered with 429", "1 answered with 502"]


def test_an_order_that_does_not_end_is_a_problem() -> None:
    assert measured(taken(0.2), taken(0.3), final=1).problems == ["1 not final after 120 s"]
    assert measured(taken(0.2), final=1).problems == []


@pytest.mark.parametrize(
    ("times", "expected"), [([7.0], [7, 7, 7]), ([float(number) for number in range(101)], [50, 95, 99])]
)
def test_percentiles_are_those_of_the_times(times: list[float], expected: list[int]) -> None:
    assert [round(each) for each in percentiles(times)] == expected
