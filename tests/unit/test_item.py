"""Records on the way to DynamoDB and back, compared with boto3's own converter."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from saga.item import from_item, to_item

plain = st.recursive(
    st.text() | st.booleans() | st.integers(-(10**37), 10**37),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.dictionaries(st.text(), plain))
def test_a_record_is_written_as_boto3_writes_it_and_reads_back_as_it_was(values: dict[str, Any]) -> None:
    item = to_item(values)
    assert item == {name: TypeSerializer().serialize(value) for name, value in values.items()}
    assert from_item(item) == values


@pytest.mark.parametrize("number", ["0", "-7", "1E+3", "1.5", "-0.25"])
def test_a_number_reads_as_it_is_whole_or_not(number: str) -> None:
    read = from_item({"n": {"N": number}})["n"]
    assert read == TypeDeserializer().deserialize({"N": number})
    assert isinstance(read, int) is (read == int(read))


@pytest.mark.parametrize("attribute", [{"NULL": True}, {"B": b"x"}, {"SS": ["a", "b"]}])
def test_what_others_wrote_does_not_stop_the_reading(attribute: dict[str, Any]) -> None:
    assert from_item({"orderId": {"S": "1"}, "theirs": attribute})["orderId"] == "1"


@pytest.mark.parametrize("value", [1.5, None, {1, 2}, object()])
def test_what_the_tables_do_not_hold_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match=f"the tables hold no {type(value).__name__}"):
        to_item({"amount": value})
