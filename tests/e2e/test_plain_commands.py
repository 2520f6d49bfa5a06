"""The plain commands as they are typed in an activated .venv, without make and without options, on the emulator."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.e2e.somebody_at_aws import Terminal, at_a_terminal
from tools.base.stack import Stack
from tools.base.target import EMULATOR_REGION, Target
from tools.deploying.tear_down import SAM_STACK
from tools.emulator.adapter import Feature
from tools.operating.following import follow
from tools.shop import api, seed
from tools.shop.ways import TRIGGERS

pytestmark = [pytest.mark.xdist_group("plain"), pytest.mark.slow]


@pytest.fixture(scope="module")
def terminal(running: Target | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with at_a_terminal(tmp_path_factory.mktemp("plain"), running) as terminal:
        terminal.succeeds("sam build")
        yield terminal


@pytest.fixture
def deployed(terminal: Terminal) -> Stack:
    """The stack, by `samlocal deploy` unless it is there already, with something on the shelves."""
    if Stack.find(terminal.target) is None:
        terminal.succeeds("samlocal deploy")
    seed.seed(terminal.stack)
    return terminal.stack


def resources(stack: Stack) -> list[str]:
    """Return the names of the tables, functions and buses that are the stack's."""
    tables = stack.client("dynamodb").list_tables()["TableNames"]
    functions = [each["FunctionName"] for each in stack.client("lambda").list_functions()["Functions"]]
    buses = [each["Name"] for each in stack.client("events").list_event_buses()["EventBuses"]]
    return [name for name in (*tables, *functions, *buses) if name.startswith(f"{stack.target.stack_name}-")]


def uploads(stack: Stack) -> list[str]:
    """Return what lies in SAM's bucket for the stack."""
    sam = Stack.of(stack.target.model_copy(update={"stack_name": SAM_STACK}))
    bucket = stack.client.resource("s3").Bucket(sam.output("SourceBucket"))
    return [each.key for each in bucket.objects.filter(Prefix=f"{stack.target.stack_name}/")]


def test_sam_validate_takes_the_template_and_refuses_one_that_is_wrong(terminal: Terminal) -> None:
    assert "is a valid SAM Template" in terminal.succeeds("sam validate")
    with terminal.copy.without("template.yaml", "Handler: orders.get_order.handler", "Handlers: orders"):
        refused = terminal.types("sam validate")
    assert refused.returncode == 1
    assert "Handlers" in refused.stdout + refused.stderr


def test_sam_build_and_samlocal_deploy_make_a_stack_in_which_an_order_goes_to_its_end(deployed: Stack) -> None:
    order_id = api.place(deployed, TRIGGERS["undeliverable"].body).json()["orderId"]
    record = follow(order_id, deployed)
    assert {name: record.get(name) for name in ("status", "failureReason")} == TRIGGERS["undeliverable"].promises


def test_a_second_samlocal_deploy_changes_nothing_and_ends_well(terminal: Terminal, deployed: Stack) -> None:
    order_id = api.place(deployed, TRIGGERS["happy"].body).json()["orderId"]
    record, before = follow(order_id, deployed), resources(deployed)
    terminal.succeeds("samlocal deploy")
    assert resources(terminal.stack) == before
    assert api.get(terminal.stack, order_id) == record


def placed(terminal: Terminal) -> str:
    """Place a sample order by plain samlocal, and return its id.

    Under an idempotency key of its own: a backend that ran before may know the sample's order in its provider's books.
    """
    event = json.loads((terminal.copy.root / "events" / "create-order.json").read_text())
    key = str(uuid4())
    event["headers"]["Idempotency-Key"], event["multiValueHeaders"]["Idempotency-Key"] = key, [key]
    (terminal.copy.root / "create-order.json").write_text(json.dumps(event))
    said = json.loads(terminal.succeeds("samlocal remote invoke CreateOrder --event-file create-order.json"))
    body: dict[str, str] = json.loads(said["body"])
    assert (said["statusCode"], body) == (201, {"orderId": body["orderId"], "status": "CREATED"})
    return body["orderId"]


def test_samlocal_remote_invoke_runs_the_deployed_function_and_the_order_goes_on(
    terminal: Terminal, deployed: Stack
) -> None:
    assert follow(placed(terminal), deployed)["status"] == "SHIPPING_SCHEDULED"


def test_of_a_function_that_fails_samlocal_remote_invoke_ends_well_and_make_does_not(
    terminal: Terminal, deployed: Stack
) -> None:
    unknown = terminal.copy.write_event_of_nobody("unknown.json")
    said = terminal.succeeds("samlocal remote invoke ReserveInventory --event-file unknown.json")
    assert json.loads(said)["errorMessage"] == f"there is no record of {unknown}"
    order_id = placed(terminal)
    assert follow(order_id, deployed)["status"] == "SHIPPING_SCHEDULED"
    contradiction = json.loads((terminal.copy.root / "events" / "shipping-failed.json").read_text())
    contradiction["detail"]["orderId"] = order_id
    (terminal.copy.root / "contradiction.json").write_text(json.dumps(contradiction))
    by_make = terminal.types("make invoke-remote EVENT=contradiction.json")
    assert by_make.returncode != 0
    assert "RefundPayment failed" in by_make.stderr


@pytest.mark.needs(Feature.PLAIN_SAM)
def test_samlocal_logs_shows_what_the_functions_logged(terminal: Terminal, deployed: Stack) -> None:
    order_id = api.place(deployed, TRIGGERS["happy"].body).json()["orderId"]
    follow(order_id, deployed)
    logged = terminal.succeeds("samlocal logs")
    assert f'"correlation_id":"{order_id}"' in logged.replace('": "', '":"')


@pytest.mark.needs(Feature.PLAIN_SAM)
def test_samlocal_list_endpoints_names_the_api_by_the_address_that_it_would_have_on_aws(
    terminal: Terminal, deployed: Stack
) -> None:
    listed = json.loads(terminal.succeeds("samlocal list endpoints --output json"))
    (api_,) = [each for each in listed if each["LogicalResourceId"] == "Api"]
    assert (
        f"https://{deployed.output('ApiId')}.execute-api.{EMULATOR_REGION}.amazonaws.com/local" in api_["CloudEndpoint"]
    )
    # SAM reads the template, and no condition in it: it lists the route of the hints that is not deployed as well.
    assert {each.split("[")[0] for each in api_["Methods"]} == {
        "/orders",
        "/orders/{orderId}",
        "/orders/{orderId}/cancel",
        "/payments/hints",
    }


@pytest.mark.needs(Feature.PLAIN_SAM)
def test_samlocal_delete_leaves_nothing_of_the_stack(terminal: Terminal, deployed: Stack) -> None:
    assert resources(deployed)
    assert uploads(deployed)
    assert "Deleted successfully" in terminal.succeeds("samlocal delete --no-prompts")
    assert resources(deployed) == []
    assert uploads(deployed) == []
    assert Stack.find(deployed.target) is None


@pytest.mark.parametrize(
    "command",
    [
        "sam deploy",
        "sam delete --no-prompts",
        "sam remote invoke ReserveInventory --event-file events/order-created.json",
        "sam logs",
        "sam list endpoints",
        "echo y | sam sync --no-watch",
    ],
)
def test_without_samlocal_a_plain_command_reaches_no_account(terminal: Terminal, command: str) -> None:
    status, hosts = terminal.forgets_the_endpoint(command)
    assert status != 0
    assert set(hosts) == {f"cloudformation.{EMULATOR_REGION}.amazonaws.com"}
