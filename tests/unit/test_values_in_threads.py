"""A model is built at its first use, and several threads may use it first: recovery reads a batch in each."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from saga.value import Value

THREADS = 8


def test_threads_that_use_a_model_first_wait_until_it_is_built_once() -> None:
    """Built twice, it would be missing in between, and Pydantic would read the parent instead."""
    built, together = list[str](), Barrier(THREADS)

    class Parent(Value):
        one: str

    class Child(Parent):
        two: str

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
            built.append(cls.__name__)
            # Long enough for the others to come meanwhile.
            sleep(0.01)
            return super().__get_pydantic_core_schema__(source, handler)

    def read(_: int) -> Value:
        together.wait(timeout=30)
        return Child.model_validate_json('{"one": "1", "two": "2"}')

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(read, range(THREADS)))
    assert built == ["Child"]
    assert {type(each) for each in found} == {Child}
    assert found == [Child(one="1", two="2")] * THREADS
