"""What the measurement of cold starts reads, computes and tells."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from bench.cold_start import account, compared, in_words, record_of, section
from bench.runtime.artifact import weigh
from bench.runtime.aws_stub import answer_to
from bench.runtime.functions import Function, functions, services, variables
from bench.runtime.imports import STANDARD_LIBRARY, by_package, modules
from bench.runtime.interface_emulator import ColdStart, is_refusal, times
from bench.runtime.pairs import Imports, Starts
from bench.section import Section
from saga.clock import now
from saga.event import Event
from tests.unit.moto_stack import Context, MotoStack
from tools.base.cloudformation import parse_template
from tools.base.problem import ProblemError

LOG = """\
START RequestId: 0d5a42bf-1b42-4a21-b376-58a836e01eaf Version: $LATEST
23 Nov 2026 23:56:05,602 [INFO] (rapid) INIT START(type: on-demand, phase: init)
23 Nov 2026 23:56:06,056 [INFO] (rapid) INIT RTDONE(status: success)
23 Nov 2026 23:56:06,056 [INFO] (rapid) INIT REPORT(durationMs: 453.559000)
23 Nov 2026 23:56:06,056 [INFO] (rapid) INVOKE START(requestId: 0d5a42bf-1b42-4a21-b376-58a836e01eaf)
23 Nov 2026 23:56:06,057 [INFO] (rapid) INVOKE RTDONE(status: success, produced bytes: 0, duration: 1.121000ms)
END RequestId: 0d5a42bf-1b42-4a21-b376-58a836e01eaf
REPORT RequestId: 0d5a42bf-1b42-4a21-b376-58a836e01eaf\tInit Duration: 0.03 ms\tDuration: 454.96 ms\t\
Billed Duration: 455 ms\tMemory Size: 512 MB\tMax Memory Used: 512 MB\t
"""
IMPORTED = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |       _json
import time:       900 |       1000 |     json
import time:      5500 |       5500 |     pydantic.main
import time:       250 |       5750 |   pydantic
a line of something else: 12 | 13 | pydantic
import time:       750 |       7500 | inventory.reserve_inventory
"""
STACK = """
Parameters:
  DeadlineSeconds: {Type: Number, Default: 900}
Variables:
  TABLE: !Ref OrdersTable
  DEADLINE: !Ref DeadlineSeconds
  STACK: !Sub "${AWS::StackName}-x"
  PLUGINS: none
  MOST: 3
  ENDPOINT: !If [HasEndpoint, !Ref Endpoint, !Ref AWS::NoValue]
Role:
  ManagedPolicyArns: [!Ref Shared]
  Policies:
    - PolicyDocument:
        Statement:
          - {Effect: Allow, Action: [dynamodb:GetItem, dynamodb:UpdateItem], Resource: x}
          - {Effect: Allow, Action: sqs:SendMessage, Resource: x}
Resources:
  Shared: {Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: events:PutEvents, Resource: x}]}}}
"""


def test_the_times_are_read_from_the_emulators_log_and_not_from_its_init_duration() -> None:
    assert times(LOG) == (453.559, 454.96)


def test_a_log_without_times_is_shown() -> None:
    with pytest.raises(ProblemError, match="exec format error"):
        times("exec format error")


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({"errorType": "Runtime.ImportModuleError", "errorMessage": "no module named orders"}, True),
        ({"statusCode": 400, "body": "{}"}, True),
        ({"statusCode": 201, "body": "{}"}, False),
        ({"delivery": "first"}, False),
        (None, False),
    ],
)
def test_a_function_that_fails_is_not_measured(answer: object, *, refused: bool) -> None:
    assert is_refusal(answer) is refused


def test_a_module_counts_by_itself_under_its_package() -> None:
    assert by_package(modules(IMPORTED)) == {
        "pydantic": (2, 5.75),
        STANDARD_LIBRARY: (2, 1.0),
        "inventory": (1, 0.75),
    }


IMPORTS = Imports(
    function={"json": 2.0, "pydantic.main": 5.5, "pydantic": 0.5, "tenacity": 0.25},
    floor={"json": 1.0, "floor": 3.0, "boto3.session": 2.0},
)


def test_the_account_of_imports_adds_up_to_the_difference_between_function_and_floor() -> None:
    assert account(IMPORTS) == {
        "pydantic": (2, 6.0),
        "tenacity": (1, 0.25),
        "floor, in the floor alone": (-1, -3.0),
        "boto3, in the floor alone": (-1, -2.0),
        "modules in both, the difference": (0, 1.0),
    }
    whole = sum(IMPORTS.function.values()) - sum(IMPORTS.floor.values())
    assert sum(took for _, took in account(IMPORTS).values()) == whole


def test_a_package_is_weighed_with_its_metadata_and_its_bytecode(tmp_path: Path) -> None:
    sizes = {
        "pydantic_core/_pydantic_core.so": 4_000_000,
        "pydantic_core/__init__.py": 300_000,
        "pydantic_core/__pycache__/__init__.cpython-311.pyc": 200_000,
        "pydantic_core-2.46.5.dist-info/RECORD": 100_000,
        "typing_extensions.py": 200_000,
        "__pycache__/typing_extensions.cpython-311.pyc": 300_000,
        "orders/get_order.py": 2_000,
        "shipping/carrier.py": 1_000,
    }
    for name, size in sizes.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    assert weigh(tmp_path) == {
        "pydantic_core": {"binaries": 4.0, "sources": 0.3, "bytecode": 0.2, "the rest": 0.1},
        "typing_extensions": {"sources": 0.2, "bytecode": 0.3},
        "others": {"sources": 0.003},
    }


def test_variables_have_the_parameters_defaults_and_the_resources_names() -> None:
    stack = parse_template(STACK)
    assert variables(stack["Variables"], stack["Parameters"]) == {
        "TABLE": "OrdersTable",
        "DEADLINE": "900",
        "STACK": "${AWS::StackName}-x",
        "PLUGINS": "none",
        "MOST": "3",
    }


def test_the_services_of_a_role_are_those_of_its_own_actions_and_of_the_policies_that_it_shares() -> None:
    stack = parse_template(STACK)
    assert services(stack["Role"], stack["Resources"]) == {"dynamodb", "sqs", "events"}


@pytest.fixture(scope="module")
def every() -> dict[str, Function]:
    return {function.name: function for function in functions()}


def test_every_function_has_the_clients_that_its_role_is_for(every: dict[str, Function]) -> None:
    assert {name: function.clients for name, function in every.items() if function.clients != BOTH} == {
        "CancelOrder": ("dynamodb",),
        "GetOrder": ("dynamodb",),
    }
    assert len(every) == 11


BOTH = ("dynamodb", "events")


def test_a_function_has_the_variables_of_all_and_its_own(every: dict[str, Function]) -> None:
    found = every["ReserveInventory"].variables
    assert found["RECORDS_TABLE_NAME"] == "OrdersTable"
    assert found["DEADLINE_SECONDS"] == "900"
    assert found["POWERTOOLS_SERVICE_NAME"] == "inventory"
    assert "AWS_ENDPOINT_URL" not in found


def test_a_step_is_called_with_an_order_of_just_now(every: dict[str, Function]) -> None:
    for name in ("ReserveInventory", "ChargePayment", "NotifyShipping"):
        consumed = every[name].call.consumed
        assert isinstance(consumed, Event)
        event = every[name].event()
        fresh = type(consumed).from_fields(event["detail"])
        assert now() - fresh.created_at < timedelta(minutes=1)
        assert fresh.key == consumed.key
        assert event["detail-type"] == consumed.detail_type


def test_a_request_is_called_as_the_sample_has_it(every: dict[str, Function]) -> None:
    assert every["CreateOrder"].event()["httpMethod"] == "POST"


def test_the_stub_answers_each_event_and_holds_the_record() -> None:
    published = answer_to("PutEvents", {"Entries": [{}, {}]}, {})
    assert published
    assert published["FailedEntryCount"] == 0
    assert len({entry["EventId"] for entry in published["Entries"]}) == 2
    record = answer_to("GetItem", {}, {"orderId": "1", "amount": 4200})
    assert record == {"Item": {"orderId": {"S": "1"}, "amount": {"N": "4200"}}}
    assert answer_to("Scan", {}, {}) is None


def test_calls_are_told_in_their_order_and_counted() -> None:
    assert in_words(["UpdateItem", "PutEvents"]) == "UpdateItem, PutEvents"
    assert in_words(["Query"] * 10) == "Query (10 times)"


def test_each_start_is_compared_with_the_floors_of_its_round_and_so_is_the_least() -> None:
    assert compared([110.0, 330.0, 120.0], [100.0, 300.0, 80.0]) == {
        "median": 120.0,
        "least": 110.0,
        "floor_median": 100.0,
        "floor_least": 80.0,
        "ratio": 1.1,
        "ratio_of_the_least": 110 / 80,
    }


def told(every: dict[str, Function], *, ready: float, http: float = 101.0) -> Section:
    """Return the findings of two functions; the second is ready after `ready` ms, its floor after 100."""
    chosen = [every["GetOrder"], every["ReserveInventory"]]
    floor = [ColdStart(100.0, 110.0, None)] * 3
    starts = {
        "GetOrder": Starts(["GetItem"], [ColdStart(http, 120.0, None)] * 3, floor),
        "ReserveInventory": Starts(
            ["TransactWriteItems", "PutEvents"], [ColdStart(ready, ready + 20, None)] * 3, floor
        ),
    }
    return section(chosen, starts, {"pydantic_core": {"binaries": 4.67}, "others": {"sources": 0.1}}, IMPORTS)


def test_the_goals_are_met_only_if_the_slowest_function_meets_them(every: dict[str, Function]) -> None:
    quick, _, _ = told(every, ready=115.0).goals
    late, _, _ = told(every, ready=116.0).goals
    assert quick.met
    assert not late.met
    assert late.found == "1.16 times at the most, in ReserveInventory (1.16 by the least of all starts)"


def test_a_function_that_requests_start_may_take_longer(every: dict[str, Function]) -> None:
    _, quick, _ = told(every, ready=115.0, http=125.0).goals
    _, late, _ = told(every, ready=115.0, http=126.0).goals
    assert quick.met
    assert not late.met
    assert late.found == "1.26 times at the most, in GetOrder (1.26 by the least of all starts)"


def test_a_function_that_only_some_deployments_have_misses_no_goal(every: dict[str, Function]) -> None:
    optional = {**every, "ReserveInventory": replace(every["ReserveInventory"], is_optional=True)}
    quick, _ = told(optional, ready=200.0).goals
    assert quick.found.startswith("1.01 times at the most, in GetOrder")


def test_requests_start_what_the_api_leads_to(every: dict[str, Function]) -> None:
    assert {name for name, function in every.items() if function.is_http} == {
        *("CancelOrder", "CreateOrder", "GetOrder", "ReceivePaymentHint")
    }


def test_each_request_is_answered_or_refused_as_the_measurement_expects(
    every: dict[str, Function], stack: MotoStack, context: Context
) -> None:
    stack.put_record(record_of(list(every.values())))
    requests = {name: function for name, function in every.items() if function.is_http}
    answers = {}
    for name, function in requests.items():
        module, _, handler = function.handler.rpartition(".")
        answers[name] = getattr(import_module(module), handler)(function.event(), context)
    assert {name: is_refusal(answer) for name, answer in answers.items()} == {
        name: function.is_refused for name, function in requests.items()
    }


def test_what_is_told_is_in_the_tables_and_in_the_figures(every: dict[str, Function]) -> None:
    said = told(every, ready=130.0)
    ready, answered, weights, imports = said.tables.values()
    assert ready.rows[1] == (
        "ReserveInventory: dynamodb, events",
        *("130", "130", "100", "100", "1.30", "1.30"),
    )
    assert answered.rows[1][0] == "ReserveInventory: TransactWriteItems, PutEvents"
    assert weights.rows[-1] == ("all", "4.67", "0.00", "0.10", "0.00", "4.77")
    assert imports.rows[-1] == ("all, beside the floor", "+1", "+2.2")
    figures = json.loads(json.dumps(said.figures))
    assert figures["ready_ms"]["ReserveInventory"]["ratio"] == 1.3
    assert figures["first_answer_ms"]["GetOrder"]["median"] == 120.0
