"""The template against the code and the contract: functions, tables, names and size."""

from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from pydantic.alias_generators import to_snake

from inventory import shelf
from orders import order_ids
from payments import provider
from payments.stripe_account import StripeSettings
from saga.in_flight import INDEX
from saga.settings import Settings
from tests.contract.template import FUNCTIONS, RESOURCES, ROOT, RULES, TEMPLATE, properties_of, triggers
from tests.unit.stories import CONSUMED_BY, PUBLISHED_BY, SERVICE_OF

HANDLERS = {name: f"{service}.{to_snake(name)}.handler" for name, service in SERVICE_OF.items()}
"""One folder a service, one file a function, named after it."""
A_PROVIDER_REMEMBERS = timedelta(days=1)
"""An idempotency key, at Stripe for example; see `PaymentGateway`."""


def test_the_functions_are_those_of_the_contract() -> None:
    assert {name: function["Handler"] for name, function in FUNCTIONS.items()} == HANDLERS


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_a_function_has_a_handler_in_what_is_shipped(name: str) -> None:
    module, handler = FUNCTIONS[name]["Handler"].rsplit(".", 1)
    code = import_module(module)
    assert callable(getattr(code, handler))
    shipped = ROOT / TEMPLATE["Globals"]["Function"]["CodeUri"]
    assert Path(str(code.__file__)).is_relative_to(shipped)


@pytest.mark.parametrize("name", sorted(HANDLERS))
def test_a_function_logs_under_the_name_of_its_service(name: str) -> None:
    variables = FUNCTIONS[name]["Environment"]["Variables"]
    assert variables == {"POWERTOOLS_SERVICE_NAME": SERVICE_OF[name]}


def test_the_functions_find_exactly_the_variables_that_the_settings_read() -> None:
    read = {str(field.alias) for field in Settings.model_fields.values()}
    read |= {shelf.TABLE_NAME, provider.PROVIDER, order_ids.LAST_RELEASE}
    read |= {str(field.alias) for field in StripeSettings.model_fields.values()}
    given = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"].keys()
    # Powertools, Pydantic and the AWS SDK read the others themselves.
    assert given - {"POWERTOOLS_METRICS_NAMESPACE", "PYDANTIC_DISABLE_PLUGINS", "AWS_ENDPOINT_URL"} == read


def test_deployed_functions_call_aws_itself_unless_somebody_says_otherwise() -> None:
    """The variable is there for `sam local`, which hands a function only what the template declares."""
    url = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"]
    assert url == {"Fn::If": ["HasEndpointUrl", {"Ref": "AwsEndpointUrl"}, {"Ref": "AWS::NoValue"}]}
    assert TEMPLATE["Conditions"]["HasEndpointUrl"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "AwsEndpointUrl"}, ""]}]}
    assert TEMPLATE["Parameters"]["AwsEndpointUrl"]["Default"] == ""


def test_the_outputs_of_the_contract_are_there() -> None:
    assert TEMPLATE["Outputs"].keys() >= {
        "ApiId",
        "ApiUrl",
        "EventBusName",
        "OrdersTableName",
        "InventoryTableName",
        "DeadLetterQueueUrl",
    }


def test_the_outputs_and_the_variables_name_the_same_resources() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    outputs = TEMPLATE["Outputs"]
    named = {"EventBusName": "EVENT_BUS_NAME", "OrdersTableName": "RECORDS_TABLE_NAME"}
    for output, variable in {**named, "InventoryTableName": "INVENTORY_TABLE_NAME"}.items():
        assert outputs[output]["Value"] == variables[variable]


def test_orders_are_placed_and_shown_where_the_contract_says() -> None:
    routes = {function: (api["Method"], api["Path"]) for function, api in triggers("Api")}
    assert routes == {
        "CreateOrder": ("POST", "/orders"),
        "GetOrder": ("GET", "/orders/{orderId}"),
        "CancelOrder": ("POST", "/orders/{orderId}/cancel"),
        "ReceivePaymentHint": ("POST", "/payments/hints"),
    }


def test_only_hints_come_without_a_caller_whom_iam_knows_and_they_are_throttled_by_themselves() -> None:
    opened = {function: api["Auth"] for function, api in triggers("Api") if "Auth" in api}
    assert opened == {"ReceivePaymentHint": {"Authorizer": "NONE"}}
    everything, (condition, hints, otherwise) = (
        setting.get("Fn::If", setting) for setting in RESOURCES["Api"]["Properties"]["MethodSettings"]
    )
    assert (condition, otherwise) == ("HasRealProvider", {"Ref": "AWS::NoValue"})
    assert (hints["HttpMethod"], hints["ResourcePath"]) == ("POST", "/payments/hints")
    assert hints["ThrottlingRateLimit"] < everything["ThrottlingRateLimit"]


def test_what_a_real_provider_needs_is_deployed_with_one_alone() -> None:
    conditions = {name: resource["Condition"] for name, resource in RESOURCES.items() if "Condition" in resource}
    assert TEMPLATE["Conditions"]["HasRealProvider"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "PaymentProvider"}, "simulated"]}]
    }
    assert {name for name, condition in conditions.items() if condition == "HasRealProvider"} >= {
        "ReceivePaymentHint",
        "ReceivePaymentHintRole",
    }


def test_the_partner_bus_hands_its_events_to_the_function_for_hints_alone() -> None:
    others = [(function, rule) for function, rule in triggers("EventBridgeRule") if (function, rule) not in RULES]
    ((function, rule),) = others
    assert function == "ReceivePaymentHint"
    assert rule["Pattern"] == {"source": [{"prefix": "aws.partner/"}]}
    assert rule["EventBusName"] == {"Fn::If": ["HasPaymentEventBus", {"Ref": "PaymentEventBus"}, {"Ref": "EventBus"}]}
    assert rule["State"] == {"Fn::If": ["HasPaymentEventBus", "ENABLED", "DISABLED"]}
    assert TEMPLATE["Conditions"]["HasPaymentEventBus"] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": "PaymentEventBus"}, ""]}]
    }
    assert TEMPLATE["Parameters"]["PaymentEventBus"]["Default"] == ""


def test_recovery_runs_every_minute() -> None:
    assert [(function, rule["Schedule"]) for function, rule in triggers("Schedule")] == [
        ("RecoverOrders", "rate(1 minute)")
    ]


def test_the_in_flight_index_is_the_one_that_recovery_asks() -> None:
    indexes = RESOURCES["OrdersTable"]["Properties"]["GlobalSecondaryIndexes"]
    assert [index["IndexName"] for index in indexes] == [INDEX]


def test_the_defaults_are_those_of_the_contract() -> None:
    defaults = {name: parameter.get("Default") for name, parameter in TEMPLATE["Parameters"].items()}
    assert (defaults["DeadlineSeconds"], defaults["RecoverAfterSeconds"]) == (900, 60)
    assert (defaults["PendingDeadlineSeconds"], defaults["ProviderTimeoutSeconds"]) == (3600, 2)
    assert defaults["PaymentProvider"] == "simulated"
    assert (defaults["PythonRuntime"], defaults["Architecture"]) == ("python3.13", "arm64")


def test_no_deadline_outlasts_what_a_payment_provider_remembers() -> None:
    """A step that began in time may still charge until its function times out."""
    deadlines = {name: each for name, each in TEMPLATE["Parameters"].items() if name.endswith("DeadlineSeconds")}
    assert deadlines.keys() == {"DeadlineSeconds", "PendingDeadlineSeconds"}
    shared = TEMPLATE["Globals"]["Function"]
    timeout = max({**shared, **function}["Timeout"] for function in FUNCTIONS.values())
    for name, parameter in deadlines.items():
        longest = timedelta(seconds=parameter["MaxValue"] + timeout)
        assert longest < A_PROVIDER_REMEMBERS, f"{name} may be {parameter['MaxValue']}"


def test_every_resource_that_is_named_in_the_template_exists() -> None:
    """An event-driven function without a failure's home, or a typo in a name, would only show after deployment."""
    known = {*RESOURCES, *TEMPLATE["Parameters"]}

    def references(node: object) -> set[str]:
        if isinstance(node, list):
            return set().union(*map(references, node))
        if not isinstance(node, dict):
            return set()
        named = {str(node["Ref"])} if "Ref" in node else set()
        named |= {str(node["Fn::GetAtt"][0])} if "Fn::GetAtt" in node else set()
        return named.union(*(references(value) for value in node.values()))

    assert {name for name in references(TEMPLATE) if not name.startswith("AWS::")} <= known


def test_the_template_reads_in_the_order_of_the_saga() -> None:
    """Functions first, each with its role, and none before those that publish what it consumes; the API last."""
    order = list(RESOURCES)
    assert order[: 2 * len(FUNCTIONS)] == [name for function in FUNCTIONS for name in (function, f"{function}Role")]
    assert order[-1] == "Api"
    published: set[str] = set()
    for function in FUNCTIONS:
        assert {event for event, consumer in CONSUMED_BY.items() if consumer == function} <= published
        published |= {event for event, publishers in PUBLISHED_BY.items() if function in publishers}


def test_the_stack_sets_nothing_for_the_whole_account() -> None:
    """API Gateway has one role for its logs per account and Region: see deploy/api-gateway-logs.yaml."""
    assert properties_of("AWS::ApiGateway::Account") == {}
    assumed_by = {
        role["AssumeRolePolicyDocument"]["Statement"]["Principal"]["Service"]
        for role in properties_of("AWS::IAM::Role").values()
    }
    assert assumed_by == {"lambda.amazonaws.com"}


def test_api_access_logs_are_off_by_default_since_an_account_may_have_no_role_for_them() -> None:
    assert TEMPLATE["Parameters"]["ApiAccessLogs"]["Default"] == "off"
    logs = RESOURCES["Api"]["Properties"]["AccessLogSetting"]["Fn::If"]
    assert (logs[0], logs[2]) == ("HasApiAccessLogs", {"Ref": "AWS::NoValue"})
