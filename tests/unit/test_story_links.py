"""Links into the AWS console."""

from tests.unit.log_lines import after
from tools.operating.story import links


def test_a_query_stands_in_the_address_as_the_console_writes_it() -> None:
    """The console's own address of a query, copied from a browser, but for its region, its times and its group."""
    query = "fields @timestamp, @message\n| sort @timestamp desc"
    assert links.logs("eu-central-1", "/order-saga/order-saga-dev", query, after(0), after(60)) == (
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
        "#logsV2:logs-insights$3FqueryDetail$3D~(end~'2026-01-31T09*3a31*3a00.125Z~start~'2026-01-31T09*3a30*3a00.125Z"
        "~timeType~'ABSOLUTE~tz~'UTC~editorString~'fields*20*40timestamp*2c*20*40message*0a*7c*20sort*20*40timestamp"
        "*20desc~source~(~'*2forder-saga*2forder-saga-dev))"
    )


def test_nothing_of_a_query_can_end_the_address_early() -> None:
    text = links.logs("eu-central-1", "group", "a'b)~c\"d #e", after(0), after(1)).partition("editorString~'")[2]
    assert text == "a*27b*29*7ec*22d*20*23e~source~(~'group))"


def test_a_trace_is_linked_to_in_its_region() -> None:
    assert links.trace("eu-central-1", "1-5759e988-bd862e3fe1be46a994272793") == (
        "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1"
        "#xray:traces/1-5759e988-bd862e3fe1be46a994272793"
    )
