"""The alarms, the dashboard and the runbook against each other, the code and the template."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from saga.telemetry import metrics
from tests.contract import template
from tests.contract.observability import (
    ALARMS,
    NAMESPACE,
    OBSERVABILITY,
    PATH,
    RESOURCES,
    alarm_metrics,
    alarm_queries,
    dashboard,
    drawn_metrics,
    render,
    searches,
    watched,
)
from tests.contract.observability_runbook import ACCESS_LOG_FIELDS, ANCHORS, QUERIES, RUNBOOK, alarm_sections, asked
from tests.contract.template import FUNCTIONS, ROOT
from tests.pages import MAKEFILE
from tests.telemetry import telemetry

EMITTED = {
    (FUNCTIONS[function]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"], metric)
    for metric, functions in telemetry().functions.items()
    for function in functions
}
"""Each metric, as (service, metric)."""


def section_of(alarm: str) -> str:
    """Return the anchor that an alarm's description ends with, or nothing."""
    found = re.search(r"See docs/runbook\.md#([\w-]+)$", ALARMS[alarm]["AlarmDescription"])
    return found[1] if found else ""


def test_every_alarm_has_its_section_in_the_runbook_and_every_section_its_alarm() -> None:
    assert {section_of(alarm) for alarm in ALARMS} == set(alarm_sections())


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_is_named_after_its_stack_and_its_section(alarm: str) -> None:
    name = render(ALARMS[alarm]["AlarmName"])
    assert name.startswith(f"the-StackName-{section_of(alarm)}"), name


def test_no_two_alarms_have_the_same_name() -> None:
    names = [render(alarm["AlarmName"]) for alarm in ALARMS.values()]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("section", alarm_sections())
def test_a_section_says_what_it_means_what_the_customer_sees_how_to_look_and_what_to_do(section: str) -> None:
    said = re.findall(r"^\*\*(Means|The customer|Look|Do)\b", alarm_sections()[section], re.MULTILINE)
    assert said == ["Means", "The customer", "Look", "Do"]


def test_no_link_of_the_runbook_leads_nowhere() -> None:
    assert set(re.findall(r"\]\(#([\w-]+)\)", RUNBOOK)) <= ANCHORS


def test_every_make_command_of_the_runbook_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    told = set(re.findall(r"(?:^|`)make ([a-z-]+)", RUNBOOK, re.MULTILINE))
    assert {"dlq", "redrive", "recover", "trace"} <= told
    assert told <= targets


@pytest.mark.parametrize("query", QUERIES, ids=[query.splitlines()[0] for query in QUERIES])
def test_a_query_of_the_runbook_asks_for_what_is_logged(query: str) -> None:
    lines = telemetry().lines
    kinds = set(re.findall(r'event = "(.*?)"', query))
    assert kinds <= lines.keys()
    fields = set[str]().union(
        *(line.fields | line.sometimes for kind, line in lines.items() if kind in kinds or not kinds)
    )
    assert asked(query) <= fields | telemetry().always | ACCESS_LOG_FIELDS


def test_the_alarms_look_where_the_functions_write() -> None:
    assert metrics.namespace == NAMESPACE == telemetry().namespace


def test_every_metric_that_an_alarm_looks_at_is_emitted_by_that_service() -> None:
    looked_at = set(alarm_metrics())
    assert {metric for _, metric in looked_at} >= {"OldestInFlight", "Recovered", "SagaDuration", "UnreadableRecords"}
    assert looked_at <= EMITTED


def test_every_metric_that_the_dashboard_draws_is_emitted_by_that_service() -> None:
    drawn = {(service, metric) for namespace, metric, *_, service in drawn_metrics() if namespace == NAMESPACE}
    assert drawn
    assert drawn <= EMITTED


def test_every_metric_that_the_dashboard_searches_for_is_emitted() -> None:
    searched = {metric for namespace, names, _ in searches() if namespace == NAMESPACE for metric in names}
    assert searched
    assert searched <= telemetry().units.keys()


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_every_function_has_an_alarm_for_its_errors_and_one_for_its_throttles(metric: str) -> None:
    assert sorted(watched(metric)) == sorted(FUNCTIONS)


def test_what_is_not_deployed_is_not_watched_and_not_drawn() -> None:
    optional = FUNCTIONS.keys() - set(template.DEPLOYED_ALWAYS)
    conditions = {name: RESOURCES[name].get("Condition") for name in ALARMS if name.startswith(tuple(FUNCTIONS))}
    assert optional == {"ReceivePaymentHint"}
    for name, condition in conditions.items():
        function = next(each for each in FUNCTIONS if name.startswith(each))
        assert condition == (f"Has{function}" if function in optional else None)
    (_, joined) = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for parts in (joined["OfEachFunction"], joined["OfFunctions"]["Fn::Sub"][1]["Names"]):
        chosen = [part["Fn::If"] for part in parts["Fn::Join"][1] if "Fn::If" in part]
        assert {(condition, str(otherwise)) for condition, _, otherwise in chosen} == {
            ("HasReceivePaymentHint", str({"Ref": "AWS::NoValue"}))
        }


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration"])
def test_the_dashboard_shows_every_function(metric: str) -> None:
    (expression,) = [expression for namespace, names, expression in searches() if names == [metric]]
    assert set(re.findall(r'"the-(\w+)"', expression)) == set(FUNCTIONS)


def test_the_dashboard_shows_every_alarm() -> None:
    (shown,) = [widget["properties"]["alarms"] for widget in dashboard() if widget["type"] == "alarm"]
    names = [render(alarm["AlarmName"]) for alarm in ALARMS.values()]
    assert sorted(shown) == sorted(f"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:{name}" for name in names)


def test_the_dashboard_shows_the_final_statuses_and_the_time_until_them() -> None:
    drawn = {metric for _, metric, *_ in drawn_metrics()}
    assert drawn >= {"ShippingScheduled", "InventoryFailed", "InventoryReleased", "SagaDuration", "OldestInFlight"}


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_notifies_the_topic(alarm: str) -> None:
    assert ALARMS[alarm]["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    assert ALARMS[alarm].get("OKActions", [{"Ref": "AlarmTopic"}]) == [{"Ref": "AlarmTopic"}]


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_says_what_no_data_means(alarm: str) -> None:
    without_data = {"RecoveryNotRunning": "breaching", "OrdersPastDeadline": "ignore", "PaymentsPastDeadline": "ignore"}
    assert ALARMS[alarm]["TreatMissingData"] == without_data.get(alarm, "notBreaching")


def allowed_to_cloudwatch(policy: dict[str, Any]) -> set[str]:
    """Return the actions that a resource's policy allows CloudWatch."""
    theirs = [part for part in policy["Statement"] if part["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
    return {
        action
        for part in theirs
        for action in ([part["Action"]] if isinstance(part["Action"], str) else part["Action"])
    }


def test_the_topic_is_encrypted_with_a_key_that_cloudwatch_may_use() -> None:
    assert RESOURCES["AlarmTopic"]["Properties"]["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    assert allowed_to_cloudwatch(RESOURCES["AlarmKey"]["Properties"]["KeyPolicy"]) == {
        "kms:Decrypt",
        "kms:GenerateDataKey*",
    }
    assert allowed_to_cloudwatch(RESOURCES["AlarmTopicPolicy"]["Properties"]["PolicyDocument"]) == {"sns:Publish"}


def test_an_event_that_reaches_neither_its_function_nor_the_queue_raises_an_alarm() -> None:
    # Amazon EventBridge User Guide, "Monitoring Amazon EventBridge": on a custom bus, by bus and rule.
    assert alarm_queries() == {
        "DeliveriesLost": "SELECT SUM(InvocationsFailedToBeSentToDlq) "
        """FROM SCHEMA("AWS/Events", EventBusName, RuleName) WHERE EventBusName = 'the-EventBusName'"""
    }


def test_an_alarm_looks_at_a_metric_or_asks_a_query() -> None:
    both = {name for name, alarm in ALARMS.items() if ("MetricName" in alarm) == ("Metrics" in alarm)}
    assert both == set()
    # The emulator has no metric math, and refuses an alarm that has.
    insights = {name for name in ALARMS if RESOURCES[name].get("Condition") == "HasMetricsInsights"}
    assert insights == alarm_queries().keys()


def test_the_deadline_is_the_orders_own() -> None:
    assert ALARMS["OrdersPastDeadline"]["Threshold"] == {"Ref": "DeadlineSeconds"}
    assert ALARMS["PaymentsPastDeadline"]["Threshold"] == {"Ref": "PendingDeadlineSeconds"}


def test_the_stack_gives_its_alarms_every_name_that_they_need() -> None:
    given = template.RESOURCES["Observability"]["Properties"]["Parameters"]
    needed = {name for name, parameter in OBSERVABILITY["Parameters"].items() if "Default" not in parameter}
    assert needed <= given.keys() <= OBSERVABILITY["Parameters"].keys()
    same = {*FUNCTIONS, "DeadlineSeconds", "PendingDeadlineSeconds", "AlarmEmail"} - {"ReceivePaymentHint"}
    assert {name: given[name] for name in same} == {name: {"Ref": name} for name in same}
    assert given["ReceivePaymentHint"] == {"Fn::If": ["HasRealProvider", {"Ref": "ReceivePaymentHint"}, ""]}
    assert given["ApiName"] == template.RESOURCES["Api"]["Properties"]["Name"]


def test_the_template_of_the_alarms_is_without_faults() -> None:
    lint = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", PATH], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (lint.stdout, lint.returncode) == ("", 0)
