"""What `make mutants` changes in a file, and what it leaves alone."""

import ast
from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

import pytest

from tools.base.target import ROOT
from tools.project.mutants.change import Kind
from tools.project.mutants.fields import siblings
from tools.project.mutants.mutant import Mutant, mutants
from tools.project.mutants.places import changes


def changed(text: str, *kinds: Kind) -> list[tuple[str, str]]:
    """Return what is changed in a file and into what, of these kinds."""
    source = dedent(text).encode()
    found = changes(source, siblings([ast.parse(source)]))
    return [(change.before, change.after) for _, change in found if change.kind in kinds]


@pytest.fixture(scope="module")
def all_of_them() -> Sequence[Mutant]:
    return mutants(ROOT)


def test_a_number_is_one_more_and_one_less_and_a_truth_is_a_lie() -> None:
    assert changed("retries = 3; strict = True", Kind.CONSTANT) == [("3", "4"), ("3", "2"), ("True", "False")]


def test_a_text_is_another_also_in_a_dict_and_in_an_f_string() -> None:
    assert changed("""said = {'Source': f"{name} is gone: {why:>8}"}""", Kind.TEXT) == [
        ("'Source'", "'XXSourceXX'"),
        ("' is gone: '", "'XX is gone: XX'"),
        ("'>8'", "'XX>8XX'"),
    ]


def test_a_comparison_is_its_opposite_and_its_neighbour_at_the_boundary() -> None:
    assert changed("late = age > limit; known = key in keys; same = a is b", Kind.COMPARISON) == [
        ("age > limit", "age >= limit"),
        ("age > limit", "age <= limit"),
        ("key in keys", "key not in keys"),
        ("a is b", "a is not b"),
    ]


def test_each_condition_is_its_opposite_once() -> None:
    text = """
    if due and not held:
        pass
    elif stopped:
        pass
    while left:
        pass
    kept = [each for each in all_of_them if each.kept]
    first = one if ready else other
    match answer:
        case Paid(number) if number:
            pass
    if a == b:
        pass
    """
    assert changed(text, Kind.LOGIC) == [
        ("due and (not held)", "due or not held"),
        ("not held", "held"),
        ("stopped", "not stopped"),
        ("left", "not left"),
        ("each.kept", "not each.kept"),
        ("ready", "not ready"),
        ("number", "not number"),
    ]


def test_arithmetic_goes_the_other_way_and_a_union_of_types_stays() -> None:
    text = """
    age = now - begin
    total += amount
    Charge = Paid | Refused | None
    both = left | right
    isinstance(age, int | float)
    """
    assert changed(text, Kind.ARITHMETIC) == [
        ("now - begin", "now + begin"),
        ("total += amount", "total -= amount"),
        ("left | right", "left & right"),
    ]


def test_a_call_is_not_made_whether_anybody_uses_its_answer_or_not() -> None:
    text = """
    count("Expired")
    key = name.strip()
    due = iso(time, "milliseconds")
    made = uuid4()
    raise ProblemError("no")
    """
    assert changed(text, Kind.CALL) == [
        ("count('Expired')", ""),
        ("name.strip()", "name"),
        ("iso(time, 'milliseconds')", "time"),
        ("uuid4()", "None"),
    ]


def test_an_argument_is_dropped_and_exchanged_with_the_one_beside_it() -> None:
    text = "shipment = Shipment(order, customer, quantity=2, unit='piece', **rest)"
    assert changed(text, Kind.DROPPED, Kind.SWAPPED) == [
        ("Shipment(order)", "Shipment()"),
        ("Shipment(customer)", "Shipment()"),
        ("Shipment(quantity=2)", "Shipment()"),
        ("Shipment(unit='piece')", "Shipment()"),
        ("Shipment(**rest)", "Shipment()"),
        ("Shipment(order, customer)", "Shipment(customer, order)"),
        ("Shipment(quantity=2, unit='piece')", "Shipment(quantity='piece', unit=2)"),
    ]


def test_a_field_is_taken_for_the_next_of_its_type_and_a_method_for_none() -> None:
    text = """
    Sku = Annotated[str, 1]

    class Order:
        key: str
        amount: int
        sku: Sku
        quantity: int

    class Reserved(Order):
        reservation: str

    order.key, order.amount, order.quantity, order.sku, order.reservation
    order.key()
    """
    # Of two classes that have a field, each says what it may be taken for.
    assert changed(text, Kind.FIELD) == [
        ("order.key", "order.sku"),
        ("order.amount", "order.quantity"),
        ("order.quantity", "order.amount"),
        ("order.sku", "order.key"),
        ("order.sku", "order.reservation"),
        ("order.reservation", "order.key"),
    ]


def test_decorators_classes_defaults_and_the_top_of_a_module_are_changed_too() -> None:
    text = """
    LIMIT = 10

    @dataclass(frozen=True)
    class Created(Event, status="CREATED"):
        most = 5

        @step(last_try=True)
        def handler(self, size=2): ...
    """
    found = changes(dedent(text).encode(), {})
    assert [(place.scope, place.at_import, change.before) for place, change in found] == [
        ("", True, "10"),
        ("", True, "10"),
        ("", True, "@dataclass(frozen=True)"),
        ("", True, "dataclass(frozen=True)"),
        ("", True, "True"),
        ("", True, "Created(status='CREATED')"),
        ("", True, "'CREATED'"),
        ("Created", True, "5"),
        ("Created", True, "5"),
        ("Created", True, "@step(last_try=True)"),
        ("Created", True, "step(last_try=True)"),
        ("Created", True, "True"),
        ("Created", True, "2"),
        ("Created", True, "2"),
    ]


def test_what_only_people_and_type_checkers_read_stays() -> None:
    text = '''
    """A module."""
    from typing import TYPE_CHECKING
    if TYPE_CHECKING:
        from somewhere import Something
    __all__ = ["a"]
    Port = TypeVar("Port")

    @overload
    def f(a: int = 1) -> "str": ...

    def g(a: "Annotated[int, Field(ge=1)]") -> dict[str, Literal["yes"]]:
        """A function."""
        b: Mapping["x", "y"] = a
        return cast("Something", b)

    class C(Generic[Port]):
        """A class."""

        a: Annotated[str, "text"]
        """A field."""
    '''
    assert changed(text, *(kind for kind in Kind if kind is not Kind.CALL)) == []
    assert changed("b = cast('Something', a)", *Kind) == []


def test_of_what_reads_alike_in_one_function_each_has_a_number(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("def f():\n    g(1)\n    g(1)\n")

    ones = [mutant for mutant in mutants(tmp_path) if mutant.change.after == "2"]

    assert [dict(mutant.name) for mutant in ones] == [
        {"file": "src/a.py", "in": "f", "kind": "constant", "before": "1", "after": "2"},
        {"file": "src/a.py", "in": "f", "kind": "constant", "before": "1", "after": "2", "number": 2},
    ]
    assert [mutant.change.applied_to(b"def f():\n    g(1)\n    g(1)\n") for mutant in ones] == [
        b"def f():\n    g(2)\n    g(1)\n",
        b"def f():\n    g(1)\n    g(2)\n",
    ]


def test_every_mutant_of_this_project_has_a_name_of_its_own(all_of_them: Sequence[Mutant]) -> None:
    assert len({mutant.id for mutant in all_of_them}) == len(all_of_them)


def test_no_file_is_without_a_mutant_that_has_more_than_a_docstring(all_of_them: Sequence[Mutant]) -> None:
    with_mutants = {mutant.path for mutant in all_of_them}
    without = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "src").rglob("*.py")
        if path.relative_to(ROOT).as_posix() not in with_mutants and path.name != "__init__.py"
    ]
    assert without == []


def test_a_mutant_is_python_and_another_program(all_of_them: Sequence[Mutant]) -> None:
    """Of every fortieth, so that the test is quick."""
    sources = {mutant.path: (ROOT / mutant.path).read_bytes() for mutant in all_of_them}
    programs = {path: ast.dump(ast.parse(source)) for path, source in sources.items()}
    for mutant in all_of_them[::40]:
        changed = mutant.change.applied_to(sources[mutant.path])
        assert ast.dump(ast.parse(changed)) != programs[mutant.path], mutant
