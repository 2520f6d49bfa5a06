"""The gate: what breaks who relies on the contract is refused by its rule, and what does not passes."""

import json
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.contracts_validation import API, BUS, FILES, SCHEMAS
from tools.base.problem import ProblemError
from tools.project.contracts import baseline, compatibility
from tools.project.contracts.files import ASYNCAPI, OPENAPI

Schema = dict[str, Any]
Change = Callable[[Any], object]

TEXT = {"type": "string", "minLength": 1, "maxLength": 64}
NUMBER = {"type": "integer", "minimum": 1, "maximum": 10}
GIFT = {"type": "object", "properties": {"note": TEXT}, "required": ["note"]}
NOTES = {"type": "array", "items": TEXT}
CHOICE = {"type": "string", "enum": ["card", "cash"]}
EITHER = {"anyOf": [{"type": "string"}, {"type": "integer"}]}
CLOSED = GIFT | {"additionalProperties": False}

BREAKING: list[tuple[str, Schema, Schema]] = [
    ("type-changed", TEXT, {"type": "integer"}),
    ("type-narrowed", {"type": "number"}, {"type": "integer"}),
    ("type-widened", {"type": "integer"}, {"type": "number"}),
    ("type-widened", TEXT, TEXT | {"type": ["string", "null"]}),
    ("type-narrowed", TEXT, TEXT | {"minLength": 2}),
    ("type-widened", TEXT, TEXT | {"minLength": 0}),
    ("type-narrowed", TEXT, TEXT | {"maxLength": 63}),
    ("type-widened", TEXT, TEXT | {"maxLength": 65}),
    ("type-widened", TEXT, {"type": "string", "minLength": 1}),
    ("type-narrowed", TEXT, TEXT | {"pattern": "^[A-Z]+$"}),
    ("type-widened", TEXT | {"pattern": "^[A-Z]+$"}, TEXT),
    ("type-changed", TEXT | {"pattern": "^[A-Z]+$"}, TEXT | {"pattern": "^[A-Z0-9]+$"}),
    ("type-narrowed", TEXT, TEXT | {"format": "uuid"}),
    ("type-narrowed", NUMBER, NUMBER | {"minimum": 2}),
    ("type-widened", NUMBER, NUMBER | {"minimum": 0}),
    ("type-narrowed", NUMBER, NUMBER | {"maximum": 9}),
    ("type-widened", NUMBER, NUMBER | {"maximum": 11}),
    ("type-narrowed", NUMBER, NUMBER | {"multipleOf": 2}),
    ("type-narrowed", CHOICE, {"type": "string", "enum": ["card"]}),
    ("type-widened", CHOICE, {"type": "string", "enum": ["card", "cash", "gift"]}),
    ("type-widened", CHOICE, {"type": "string"}),
    ("type-changed", CHOICE, {"type": "string", "enum": ["card", "gift"]}),
    ("type-changed", {"const": "a"}, {"const": "b"}),
    ("type-narrowed", EITHER, {"type": "string"}),
    ("type-widened", {"type": "string"}, EITHER),
    ("default-changed", NUMBER | {"default": 1}, NUMBER | {"default": 2}),
    ("field-removed", GIFT, GIFT | {"properties": {}}),
    ("field-made-optional", GIFT, GIFT | {"required": []}),
    ("field-made-required", GIFT | {"required": []}, GIFT),
    ("type-narrowed", GIFT, CLOSED),
    ("type-widened", CLOSED, GIFT),
    ("type-widened", CLOSED, CLOSED | {"properties": {"note": TEXT, "from": TEXT}}),
    ("type-narrowed", {"type": "object"}, {"type": "object", "additionalProperties": TEXT}),
    ("type-narrowed", NOTES, NOTES | {"items": TEXT | {"maxLength": 8}}),
    ("type-narrowed", NOTES, NOTES | {"maxItems": 3}),
]
RETRYABLE: list[tuple[str, Schema, Schema]] = [
    ("nothing", TEXT, TEXT),
    ("a description", TEXT, TEXT | {"description": "what is printed on the parcel"}),
    ("a title and an example", TEXT, TEXT | {"title": "Note", "examples": ["for you"]}),
    ("an extension", TEXT, TEXT | {"x-owner": "shipping"}),
    ("another way to say one value", {"const": "a"}, {"enum": ["a"]}),
    ("another way to say open", GIFT, GIFT | {"additionalProperties": True}),
    ("the order of what it may be", EITHER, {"anyOf": EITHER["anyOf"][::-1]}),
    ("an optional field inside", GIFT, GIFT | {"properties": {"note": TEXT, "from": TEXT}}),
]


def event_with(field: Schema | None, *, required: bool = True) -> dict[str, str]:
    """Return the files of a contract with one event, which has a field `note`, or has none."""
    fields = {"orderId": TEXT} | ({"note": field} if field else {})
    schema = {"type": "object", "properties": fields, "required": ["orderId", "note"] if required else ["orderId"]}
    return {"ParcelSent.json": json.dumps(schema)}


def rules(before: dict[str, str], now: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the rules that a change breaks, with the event or call and the field."""
    return [(found.rule, found.subject, found.field) for found in compatibility.breaks(before, now)]


@pytest.mark.parametrize(("rule", "before", "now"), BREAKING, ids=[f"{each[0]} {each[2]}"[:70] for each in BREAKING])
def test_a_change_of_a_field_is_refused_by_its_rule(rule: str, before: Schema, now: Schema) -> None:
    ((broken, event, field),) = rules(event_with(before), event_with(now))
    assert (broken, event) == (rule, "ParcelSent")
    assert field.startswith("note")


@pytest.mark.parametrize(("what", "before", "now"), RETRYABLE, ids=[what for what, _, _ in RETRYABLE])
def test_a_change_of_a_field_that_no_document_shows_passes(what: str, before: Schema, now: Schema) -> None:
    assert rules(event_with(before), event_with(now)) == [], what


@pytest.mark.parametrize(
    ("rule", "before", "now"),
    [
        ("field-removed", event_with(TEXT), event_with(None, required=False)),
        ("field-removed", event_with(TEXT, required=False), event_with(None, required=False)),
        ("field-made-required", event_with(None, required=False), event_with(TEXT)),
        ("field-made-required", event_with(TEXT, required=False), event_with(TEXT)),
        ("field-made-optional", event_with(TEXT), event_with(TEXT, required=False)),
    ],
    ids=["a required field goes", "an optional field goes", "a required field comes", "made required", "made optional"],
)
def test_a_field_that_goes_or_must_be_there_is_refused(rule: str, before: dict[str, str], now: dict[str, str]) -> None:
    assert rules(before, now) == [(rule, "ParcelSent", "note")]


def test_a_new_optional_field_passes() -> None:
    assert rules(event_with(None, required=False), event_with(TEXT, required=False)) == []


def test_an_event_that_goes_is_refused_and_one_that_comes_passes() -> None:
    assert rules(event_with(TEXT), {}) == [("event-removed", "ParcelSent", "")]
    assert rules({}, event_with(TEXT)) == []


def test_a_field_of_a_model_inside_is_found_through_its_reference() -> None:
    def with_definition(note: Schema) -> dict[str, str]:
        files = event_with({"$ref": "#/$defs/Gift"})
        schema = json.loads(files["ParcelSent.json"]) | {"$defs": {"Gift": GIFT | {"properties": {"note": note}}}}
        return {"ParcelSent.json": json.dumps(schema)}

    assert rules(with_definition(TEXT), with_definition(TEXT)) == []
    (found,) = rules(with_definition(TEXT), with_definition(TEXT | {"maxLength": 8}))
    assert found == ("type-narrowed", "ParcelSent", "note.note")


def test_a_schema_that_contains_itself_is_compared_as_well() -> None:
    tree = {"type": "object", "properties": {"parts": {"type": "array", "items": {"$ref": "#"}}}}
    before = {"ParcelSent.json": json.dumps(tree)}
    assert rules(before, before) == []


def test_the_source_that_rules_listen_to_may_not_change() -> None:
    renamed = yaml.safe_dump(BUS).replace("const: order-saga", "const: shop")
    broken = rules(FILES, FILES | {ASYNCAPI: renamed})
    assert set(broken) == {("type-changed", event, "envelope.source") for event in SCHEMAS}


def request_body(api: Any) -> Any:
    return api["components"]["schemas"]["NewOrder"]


def record(api: Any) -> Any:
    return api["components"]["schemas"]["Order"]


def create(api: Any) -> Any:
    return api["paths"]["/orders"]["post"]


CREATE, SHOW = "POST /orders", "GET /orders/{orderId}"
REQUIRED_HEADER = {"name": "Tenant", "in": "header", "required": True, "schema": {"type": "string"}}
OPTIONAL_HEADER = {"name": "Tenant", "in": "header", "schema": {"type": "string"}}
API_BREAKING: list[tuple[str, str, str, Change]] = [
    ("path-removed", "/orders/{orderId}", "", lambda api: api["paths"].pop("/orders/{orderId}")),
    ("method-removed", CREATE, "", lambda api: api["paths"]["/orders"].update(put=api["paths"]["/orders"].pop("post"))),
    ("status-removed", CREATE, "200", lambda api: create(api)["responses"].pop("200")),
    ("request-field-removed", CREATE, "body.quantity", lambda api: request_body(api)["properties"].pop("quantity")),
    ("request-field-removed", CREATE, "header Idempotency-Key", lambda api: create(api)["parameters"].clear()),
    (
        "request-field-made-required",
        CREATE,
        "body.quantity",
        lambda api: request_body(api)["required"].append("quantity"),
    ),
    (
        "request-field-made-required",
        CREATE,
        "header Tenant",
        lambda api: create(api)["parameters"].append(REQUIRED_HEADER),
    ),
    (
        "request-field-made-required",
        CREATE,
        "body.coupon",
        lambda api: (
            request_body(api)["properties"].update(coupon=TEXT),
            request_body(api)["required"].append("coupon"),
        ),
    ),
    (
        "request-type-narrowed",
        CREATE,
        "body.sku",
        lambda api: request_body(api)["properties"]["sku"].update(maxLength=8),
    ),
    ("request-type-changed", CREATE, "body.sku", lambda api: request_body(api)["properties"].update(sku=NUMBER)),
    (
        "request-default-changed",
        CREATE,
        "body.currency",
        lambda api: request_body(api)["properties"]["currency"].update(default="EUR"),
    ),
    ("answer-field-removed", SHOW + " 200", "body.paymentId", lambda api: record(api)["properties"].pop("paymentId")),
    (
        "answer-field-removed",
        CREATE + " 201",
        "header Location",
        lambda api: create(api)["responses"]["201"]["headers"].clear(),
    ),
    ("answer-field-made-optional", SHOW + " 200", "body.sku", lambda api: record(api)["required"].remove("sku")),
    ("answer-type-widened", SHOW + " 200", "body.sku", lambda api: record(api)["properties"]["sku"].pop("maxLength")),
    ("answer-type-changed", SHOW + " 200", "body.amount", lambda api: record(api)["properties"].update(amount=TEXT)),
    ("security-changed", SHOW, "", lambda api: api["paths"]["/orders/{orderId}"]["get"].update(security=[])),
]
API_PASSING: list[tuple[str, Change]] = [
    ("an optional field of the request", lambda api: request_body(api)["properties"].update(coupon=TEXT)),
    ("a field of the request that need not be there", lambda api: request_body(api)["required"].remove("sku")),
    ("a request that may be larger", lambda api: request_body(api)["properties"]["sku"].update(maxLength=99)),
    ("an optional header", lambda api: create(api)["parameters"].append(OPTIONAL_HEADER)),
    ("another field of the answer", lambda api: record(api)["properties"].update(carrier=TEXT)),
    ("a field of the answer that is always there", lambda api: record(api)["required"].append("reservationId")),
    ("an answer that says less of a value", lambda api: record(api)["properties"]["sku"].update(maxLength=8)),
    ("another status of an order", lambda api: api["components"]["schemas"]["Status"]["examples"].append("CHECKED")),
    ("another status code", lambda api: create(api)["responses"].update({"409": create(api)["responses"]["422"]})),
    ("another call", lambda api: api["paths"].update({"/stock": api["paths"]["/orders"]})),
    ("another word for it", lambda api: create(api).update(summary="Take an order.")),
]


AS_IT_IS = {OPENAPI: FILES[OPENAPI]}


def api_after(change: Change) -> dict[str, str]:
    api = deepcopy(API)
    change(api)
    return {OPENAPI: yaml.safe_dump(api)}


@pytest.mark.parametrize(
    ("rule", "call", "field", "change"), API_BREAKING, ids=[f"{each[0]} {each[2]}" for each in API_BREAKING]
)
def test_a_change_that_breaks_clients_is_refused_by_its_rule(rule: str, call: str, field: str, change: Change) -> None:
    broken = rules(AS_IT_IS, api_after(change))
    assert (rule, call, field) in broken
    assert {found for found, _, _ in broken} == {rule}


@pytest.mark.parametrize(("what", "change"), API_PASSING, ids=[what for what, _ in API_PASSING])
def test_a_change_that_breaks_no_client_passes(what: str, change: Change) -> None:
    assert rules(AS_IT_IS, api_after(change)) == [], what


class Repository:
    """A git repository with a `schemas/` folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=trunk")

    def git(self, *words: str) -> None:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *words], cwd=self.root, check=True, capture_output=True)

    def commit(self, files: dict[str, str], folder: str = "schemas") -> None:
        for name, text in files.items():
            (self.root / folder).mkdir(exist_ok=True)
            (self.root / folder / name).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=files")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    # A hook of the developer's own git tells its children which repository it is about.
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return Repository(tmp_path)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    return lambda: capsys.readouterr().out


def with_another_field(files: dict[str, str]) -> dict[str, str]:
    """Return the files as they would be if OrderCreated had had one field more, which is gone now."""
    schema = deepcopy(SCHEMAS["OrderCreated"])
    schema["properties"]["giftNote"] = TEXT
    return files | {"OrderCreated.json": json.dumps(schema)}


def test_the_contract_of_the_last_tag_is_compared(repository: Repository, said: Callable[[], str]) -> None:
    repository.commit(with_another_field(FILES))
    repository.git("tag", "v1")
    repository.commit(FILES)
    repository.git("tag", "v2")
    repository.commit(with_another_field(FILES))
    compatibility.check(None, repository.root)
    assert said() == f"compared {len(FILES)} schemas with v2: nothing breaks those who rely on them\n"


def test_a_break_is_told_with_its_rule_and_what_to_do(repository: Repository) -> None:
    repository.commit(with_another_field(FILES))
    repository.git("tag", "v1")
    with pytest.raises(ProblemError) as problem:
        compatibility.check(None, repository.root)
    headline, line = str(problem.value).splitlines()
    assert headline == "this would break those who rely on v1:"
    assert line.startswith("  - field-removed: giftNote of OrderCreated: it was there and is gone; keep it, or publish")


def test_the_same_break_of_several_events_is_told_once(repository: Repository) -> None:
    repository.commit({name: text.replace('"maxLength": 64', '"maxLength": 65') for name, text in FILES.items()})
    repository.git("tag", "v1")
    with pytest.raises(ProblemError) as problem:
        compatibility.check(None, repository.root)
    (line,) = [line for line in str(problem.value).splitlines() if ": sku of " in line]
    assert all(event in line for event in SCHEMAS)


def test_a_tag_makes_a_break_final(repository: Repository, said: Callable[[], str]) -> None:
    repository.commit(with_another_field(FILES))
    repository.git("tag", "v1")
    repository.commit(FILES)
    repository.git("tag", "v2")
    compatibility.check(None, repository.root)
    assert "v2" in said()


@pytest.mark.parametrize("branch", ["origin/main", "main"])
def test_without_a_tag_the_main_branch_is_compared(
    repository: Repository, branch: str, said: Callable[[], str]
) -> None:
    repository.commit(FILES)
    name = "refs/remotes/origin/main" if branch == "origin/main" else "refs/heads/main"
    repository.git("update-ref", name, "HEAD")
    compatibility.check(None, repository.root)
    assert f"with {branch}:" in said()


def test_what_is_asked_for_is_compared(repository: Repository) -> None:
    repository.commit(with_another_field(FILES))
    repository.git("branch", "before")
    repository.commit(FILES)
    repository.git("tag", "v2")
    with pytest.raises(ProblemError, match="field-removed"):
        compatibility.check("before", repository.root)


@pytest.mark.parametrize("asked", ["v9", "--help", "HEAD:schemas"])
def test_what_git_does_not_know_is_a_problem(repository: Repository, asked: str) -> None:
    repository.commit(FILES)
    with pytest.raises(ProblemError, match=f"git has no {asked} .*BASE="):
        compatibility.check(asked, repository.root)


def test_without_a_tag_and_a_main_branch_there_is_nothing_to_compare_with(
    repository: Repository, said: Callable[[], str]
) -> None:
    compatibility.check(None, repository.root)
    assert said() == "nothing to compare with: git has no tag and no main branch here\n"


def test_before_there_were_schemas_there_is_nothing_to_compare_with(
    repository: Repository, said: Callable[[], str]
) -> None:
    repository.commit({"README.md": "# Before\n"}, folder=".")
    repository.git("tag", "v0")
    compatibility.check(None, repository.root)
    assert said() == "nothing to compare with: v0 has no schemas/\n"


def test_without_git_there_is_nothing_to_compare_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Callable[[], str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    compatibility.check(None, tmp_path)
    assert "nothing to compare with" in said()


def test_the_schemas_are_found_in_a_project_that_is_a_folder_of_its_repository(repository: Repository) -> None:
    project = repository.root / "shop"
    project.mkdir()
    repository.commit(FILES, folder="shop/schemas")
    assert baseline.read("HEAD", project) == {name: text.rstrip("\n") for name, text in FILES.items()}
