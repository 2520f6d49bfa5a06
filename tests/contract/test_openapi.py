"""The OpenAPI document of the HTTP API: that it is one, and that the functions do what it says."""

import json
from copy import deepcopy
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from orders.http import LARGEST
from tests.contract.contracts_validation import API, faults, inside
from tests.contract.template import triggers
from tests.unit.http import Answer, cancel, get, post
from tests.unit.moto_stack import MotoStack
from tests.unit.stories import FINAL, STATUS, STORIES, Story, Told
from tests.virtual_clock import VirtualClock
from tools.project.contracts.differences import resolved

CREATE, SHOW = API["paths"]["/orders"]["post"], API["paths"]["/orders/{orderId}"]["get"]
CANCEL = API["paths"]["/orders/{orderId}/cancel"]["post"]
EXAMPLE: dict[str, Any] = CREATE["requestBody"]["content"]["application/json"]["example"]
KEY = {"Idempotency-Key": CREATE["parameters"][0]["example"]}


@pytest.fixture(autouse=True)
def _an_empty_table(stack: MotoStack) -> None:
    stack.remove_records()


def body_of(call: dict[str, Any], status: str) -> dict[str, Any]:
    content: dict[str, Any] = resolved(call["responses"][status], API)["content"]["application/json"]
    return content


def assert_as_documented(call: dict[str, Any], answer: Answer) -> None:
    said = resolved(call["responses"][str(answer.status)], API)
    assert faults(said["content"]["application/json"]["schema"], answer.body) == []
    for name, header in said.get("headers", {}).items():
        assert faults(header["schema"], answer.headers[name]) == []


def test_it_is_an_openapi_document() -> None:
    OpenAPIV31SpecValidator(API).validate()


def test_what_is_none_is_refused() -> None:
    wrong = deepcopy(API)
    del wrong["paths"]["/orders"]["post"]["responses"]["201"]["description"]
    with pytest.raises(OpenAPIValidationError):
        OpenAPIV31SpecValidator(wrong).validate()


def test_it_has_the_calls_that_clients_may_make_and_no_other() -> None:
    calls = {(path, method.upper()) for path, item in API["paths"].items() for method in item}
    assert calls == {(trigger["Path"], trigger["Method"]) for _, trigger in triggers("Api") if "Auth" not in trigger}


@pytest.mark.parametrize("call", [CREATE, SHOW, CANCEL], ids=["create", "show", "cancel"])
def test_an_example_of_an_answer_is_valid(call: dict[str, Any]) -> None:
    for status in call["responses"]:
        body = body_of(call, status)
        assert faults(body["schema"], body["example"]) == [], status


def test_the_example_order_is_taken_known_again_and_shown_as_documented(clock: VirtualClock) -> None:
    taken = post(EXAMPLE, KEY)
    clock.advance(seconds=1)
    known = post(EXAMPLE, KEY)
    shown = get(taken.body["orderId"])

    assert (taken.status, known.status, shown.status) == (201, 200, 200)
    assert_as_documented(CREATE, taken)
    assert_as_documented(CREATE, known)
    assert_as_documented(SHOW, shown)
    assert taken.body == body_of(CREATE, "201")["example"]
    assert taken.headers["Location"] == CREATE["responses"]["201"]["headers"]["Location"]["example"]


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_cancellation_is_answered_as_documented_wherever_the_order_stands(stack: MotoStack, story: Story) -> None:
    for at in range(len(story.path)):
        order = Told(story)
        stack.put_record(order.record(at))
        assert_as_documented(CANCEL, cancel(order.order_id))
    assert_as_documented(CANCEL, cancel("9d3625a7-c592-5ecc-89d7-e558b6cf48df"))


def test_a_link_leads_from_a_new_order_to_its_record() -> None:
    (link,) = CREATE["responses"]["201"]["links"].values()
    assert link == {"operationId": SHOW["operationId"], "parameters": {"orderId": "$response.body#/orderId"}}


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        ("400", lambda: post(EXAMPLE, {"Idempotency-Key": ""})),
        ("413", lambda: post({**EXAMPLE, "customerId": "x" * LARGEST})),
        ("422", lambda: post({**EXAMPLE, "quantity": 0})),
        ("404", lambda: get("fa6b34e3-7dde-5999-be83-5516dc8dd193")),
    ],
    ids=["400", "413", "422", "404"],
)
def test_the_example_of_a_refusal_is_what_is_answered(status: str, answer: Any) -> None:
    refused: Answer = answer()
    call = CREATE if status in CREATE["responses"] else SHOW
    assert (str(refused.status), refused.body) == (status, body_of(call, status)["example"])


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_the_record_of_every_story_is_shown_as_documented(stack: MotoStack, story: Story) -> None:
    for at in range(len(story.path)):
        order = Told(story)
        stack.put_record(order.record(at))
        assert_as_documented(SHOW, get(order.order_id))


def test_it_tells_all_statuses_and_which_are_final_and_leaves_room_for_more() -> None:
    status = API["components"]["schemas"]["Status"]
    assert sorted(status["examples"]) == sorted(STATUS.values())
    final = status["description"].partition("Final are ")[2].partition(".")[0]
    assert set(final.split(", ")) == {STATUS[event] for event in FINAL}
    assert faults(inside(API, "#/components/schemas/Status"), "FRAUD_CHECKED") == []


def test_a_field_too_many_in_a_request_is_refused_and_in_an_answer_is_none_of_the_clients_business() -> None:
    new_order, order = (inside(API, f"#/components/schemas/{name}") for name in ("NewOrder", "Order"))
    record = body_of(SHOW, "200")["example"]
    assert faults(new_order, EXAMPLE) == faults(order, record) == faults(order, record | {"giftNote": "x"}) == []
    assert faults(new_order, EXAMPLE | {"giftNote": "x"})


def test_the_largest_body_that_it_tells_of_is_taken_and_no_larger_one() -> None:
    blank = " " * (LARGEST - len(json.dumps(EXAMPLE)))
    assert str(LARGEST) in CREATE["requestBody"]["description"]
    assert post(json.dumps(EXAMPLE) + blank).status == 201
    assert post(json.dumps(EXAMPLE) + blank + " ").status == 413
