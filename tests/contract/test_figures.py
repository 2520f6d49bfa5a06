"""Each figure that is promised follows from the code and the template that make it so: docs/figures.yaml."""

from pathlib import Path
from typing import Any

import pytest
from botocore.retries.standard import ExponentialBackoff, RetryContext

from saga import aws, in_flight, marks, table
from saga.bus import MAX_BATCH
from saga.circuit_breaker import FAILURES, OPEN_AT_FIRST, OPEN_AT_MOST
from saga.recovery import ENOUGH_TIME
from saga.settings import Settings
from saga.spacing import EARLY, EVERY
from saga.table import MAX_WRITES, SHARDS
from tests.contract.template import FUNCTIONS, RESOURCES, ROOT, RULES, STEPS, TEMPLATE
from tests.pages import PAGES
from tools.base.problem import ProblemError
from tools.project import figures, generate
from tools.project.choreography.flow import Flow

PARAMETERS = TEMPLATE["Parameters"]
DEFAULTS = {name: parameter.get("Default") for name, parameter in PARAMETERS.items()}
SHARED = TEMPLATE["Globals"]["Function"]
RECOVERY = RESOURCES["RecoverOrders"]["Properties"]
THROTTLE, _ = RESOURCES["Api"]["Properties"]["MethodSettings"]
GATEWAY_TIMEOUT = 29
"""Seconds that API Gateway waits for a function, unless somebody asks AWS for more ("Amazon API Gateway quotas")."""


def only(values: Any) -> Any:
    """Return the one value that several things share."""
    (value,) = set(values)
    return value


def patience(write: Any) -> float:
    """Return for how many seconds a write is repeated that meets conflicts."""
    return float(write.retry.stop.max_delay)


def backoff(attempts: int) -> float:
    """Return how many seconds botocore waits at most between so many attempts."""
    longest = ExponentialBackoff(random=lambda: 1)
    return float(sum(longest.delay_amount(RetryContext(attempt_number=number)) for number in range(1, attempts)))


CONFIG: Any = aws.CONFIG  # the stubs do not know its attributes
ATTEMPTS = CONFIG.retries["total_max_attempts"]
CALL = ATTEMPTS * (CONFIG.connect_timeout + CONFIG.read_timeout) + backoff(ATTEMPTS)
STEP = 3 * CALL + patience(table.advance)
STEP_TIMEOUT = only({**SHARED, **FUNCTIONS[name]}["Timeout"] for name in STEPS)
OF_PROVIDERS = {name: FUNCTIONS[name].get("ReservedConcurrentExecutions") for name in STEPS}

MADE = {
    "call": CALL,
    "call attempts": ATTEMPTS,
    "conflict": patience(table.advance),
    "conflict of a client": only([patience(table.create), patience(marks.put)]),
    "step": STEP,
    "left to a provider": STEP_TIMEOUT - STEP,
    "function timeout": STEP_TIMEOUT,
    "start": 2 * CALL + patience(table.create),
    "gateway timeout": GATEWAY_TIMEOUT,
    "provider timeout": DEFAULTS["ProviderTimeoutSeconds"],
    "recovery early": [times * DEFAULTS["RecoverAfterSeconds"] / 60 for times in EARLY],
    "recovery every": EVERY * DEFAULTS["RecoverAfterSeconds"] / 60,
    "recovery ceiling": DEFAULTS["RecoveryPerSecond"],
    "recovery works": RECOVERY["Timeout"] - ENOUGH_TIME / 1000,
    "recovery timeout": RECOVERY["Timeout"],
    "recovery retries": RECOVERY["EventInvokeConfig"]["MaximumRetryAttempts"],
    "deadline": DEFAULTS["DeadlineSeconds"] / 60,
    "pending deadline": DEFAULTS["PendingDeadlineSeconds"] / 60,
    "longest deadline": only(
        PARAMETERS[name]["MaxValue"] / 3600 for name in ("DeadlineSeconds", "PendingDeadlineSeconds")
    ),
    "shards": SHARDS,
    "read batch": in_flight.BATCH,
    "publish batch": MAX_BATCH,
    "transaction": MAX_WRITES,
    "function memory": SHARED["MemorySize"],
    "steps": len(STEPS),
    "provider concurrency": DEFAULTS["ProviderConcurrency"],
    "api rate": THROTTLE["ThrottlingRateLimit"],
    "api burst": THROTTLE["ThrottlingBurstLimit"],
    "circuit failures": FAILURES,
    "circuit open": OPEN_AT_FIRST.total_seconds(),
    "circuit open at most": OPEN_AT_MOST.total_seconds(),
    "rule retries": only(rule["RetryPolicy"]["MaximumRetryAttempts"] for _, rule in RULES),
    "rule age": only(rule["RetryPolicy"]["MaximumEventAgeInSeconds"] for _, rule in RULES) / 60,
    # Lambda makes two if it is not told otherwise.
    "function retries": only(FUNCTIONS[name]["EventInvokeConfig"].get("MaximumRetryAttempts", 2) for name in STEPS),
    "dead letters": RESOURCES["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] / 86_400,
    "archive": DEFAULTS["ArchiveDays"],
    "least retention": min(days for days in PARAMETERS["RetentionDays"]["AllowedValues"] if days),
}


def test_every_figure_is_made_so() -> None:
    assert {name: figure["value"] for name, figure in figures.read().items()} == MADE


def test_what_starts_a_saga_is_done_before_api_gateway_stops_waiting() -> None:
    assert MADE["start"] < GATEWAY_TIMEOUT


def test_a_provider_may_not_be_given_more_time_than_a_step_has_left() -> None:
    assert PARAMETERS["ProviderTimeoutSeconds"]["MaxValue"] == MADE["left to a provider"]


def test_a_record_outlasts_whatever_can_bring_an_event_of_it() -> None:
    assert MADE["least retention"] > max(MADE["dead letters"], MADE["archive"])
    assert PARAMETERS["RetentionDays"]["Default"] == Settings.model_fields["retention_days"].default == 0


def test_a_run_of_recovery_that_is_repeated_still_covers_its_minute() -> None:
    """Lambda waits 1 and 2 minutes before its retries; after that, the next run of the saga's own minute has come."""
    kept = RECOVERY["EventInvokeConfig"]["MaximumEventAgeInSeconds"]
    assert (1 + MADE["recovery retries"]) * MADE["recovery timeout"] <= kept


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_no_other_figure(page: str) -> None:
    text = (ROOT / page).read_text()
    assert figures.filled_in(text) == text


def test_a_figure_in_a_page_is_written_anew() -> None:
    known: figures.Figures = {
        "shards": {"value": 10},
        "recovery early": {"value": [1, 2, 4, 8]},
        "api rate": {"value": 1500},
    }
    text = "in 9<!-- shards -->, after 1 and 2<!-- recovery early --> minutes, 100<!-- api rate --> a second"
    assert figures.filled_in(text, known) == (
        "in 10<!-- shards -->, after 1, 2, 4 and 8<!-- recovery early --> minutes, 1,500<!-- api rate --> a second"
    )
    # What stands before a remark that is no figure's name stays.
    assert figures.filled_in("9 <!-- a remark -->", known) == "9 <!-- a remark -->"


def test_a_figure_that_is_not_known_is_a_problem() -> None:
    with pytest.raises(ProblemError, match=r"^docs/figures\.yaml has no figure shard, of which a page says 9$"):
        figures.filled_in("9<!-- shard -->", {"shards": {"value": 10}})


def test_each_page_is_generated_with_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    page, known = ROOT / "docs" / "scaling.md", {"shards": {"value": 11}}
    monkeypatch.setattr(figures, "read", lambda: known)
    monkeypatch.setattr(figures, "pages", lambda: [page])
    monkeypatch.setattr(Path, "read_text", lambda path: "10<!-- shards -->" if path == page else text_of(path))

    with pytest.raises(ProblemError, match=r"out of date with the template and the code: docs/scaling\.md;"):
        generate.check(Flow.of_this_project())


def text_of(path: Path) -> str:
    return path.read_bytes().decode()
