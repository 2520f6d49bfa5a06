"""The model has the functions as the template declares them."""

from typing import Any

import pytest

from tests.simulation.deployment import deployment
from tests.simulation.outage.configurations import configurations, reserved


def test_each_function_of_the_template_is_in_the_model() -> None:
    found = {each.name: each for each in configurations()}
    assert found.keys() == deployment().functions.keys()
    assert [name for name, each in found.items() if each.is_long] == [deployment().recovery.name]
    for name, function in deployment().functions.items():
        assert found[name].timeout == function.timeout.total_seconds()
        # What consumes events of the bus loses none of them.
        assert found[name].on_failure or not function.patterns


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (7, 7),
        ({"Ref": "Concurrency"}, 5),
        ({"Fn::If": ["HasConcurrency", {"Ref": "Concurrency"}, {"Ref": "AWS::NoValue"}]}, 5),
        ({"Fn::If": ["HasConcurrency", {"Ref": "None"}, {"Ref": "AWS::NoValue"}]}, None),
    ],
)
def test_a_reservation_is_a_number_or_a_parameter(value: Any, expected: int | None) -> None:
    assert reserved(value, {"Concurrency": {"Default": 5}, "None": {"Default": 0}}) == expected


def test_another_reservation_is_an_error_and_no_guess() -> None:
    with pytest.raises(AssertionError, match="does not understand"):
        reserved({"Fn::GetAtt": "x"}, {})
