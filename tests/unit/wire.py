"""Looks at the wire between the functions and AWS: what is called, what is published, and what AWS answers."""

import json
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from botocore.client import BaseClient
    from botocore.model import OperationModel


@dataclass(frozen=True)
class Published:
    """An event that the bus took; `detail` is the very text that went over the wire."""

    bus: str
    source: str
    detail_type: str
    detail: str
    event_id: str = field(compare=False)

    @property
    def content(self) -> dict[str, Any]:
        """The detail, read."""
        content: dict[str, Any] = json.loads(self.detail)
        return content


@dataclass(frozen=True)
class AwsAnswer:
    """What AWS answers instead of what it would have answered; the call has no effect then."""

    status: int
    body: dict[str, Any]


Answer = AwsAnswer | Exception | Callable[[], object]


@dataclass
class Wire:
    """Stands between a client and AWS (here moto): sees every call, and may answer the next one itself.

    It hooks into botocore after a request is serialized and before an answer is judged, so serialization, errors and
    the code under test are the real ones. Only what AWS took counts as published.
    """

    calls: list[str] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)
    _answers: defaultdict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))

    def watch(self, client: "BaseClient") -> None:
        """Look at this client's calls from now on."""
        before: Any = self._before  # the stubs do not know that a handler may answer
        client.meta.events.register("before-call", before)
        client.meta.events.register("after-call", self._after)

    def clear(self) -> None:
        """Forget what was seen, and what was to be answered."""
        self.calls.clear()
        self.published.clear()
        self._answers.clear()

    def answer(self, operation: str, *answers: AwsAnswer | Exception) -> None:
        """Answer the next calls of this operation, one each: an answer is AWS's, an exception is the network's."""
        self._answers[operation].extend(answers)

    def meanwhile(self, operation: str, happens: Callable[[], object]) -> None:
        """Make something happen while the next call of this operation is under way, before it takes effect."""
        self._answers[operation].append(happens)

    def _before(
        self, model: "OperationModel", params: dict[str, Any], context: dict[str, Any], **_: Any
    ) -> tuple[SimpleNamespace, dict[str, Any]] | None:
        self.calls.append(model.name)
        context["request"] = json.loads(params["body"])
        if not (answers := self._answers[model.name]):
            return None
        answer = answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        if not isinstance(answer, AwsAnswer):
            answer()
            return None
        return SimpleNamespace(status_code=answer.status), answer.body

    def _after(self, model: "OperationModel", parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if model.name != "PutEvents":
            return
        self.published += [
            Published(entry["EventBusName"], entry["Source"], entry["DetailType"], entry["Detail"], taken["EventId"])
            for entry, taken in zip(context["request"]["Entries"], parsed.get("Entries", ()), strict=False)
            if "EventId" in taken
        ]


def entries(*became: Literal["taken", "refused"]) -> AwsAnswer:
    """Return a PutEvents answer that says what became of each entry: with status 200, whatever it was."""
    answer = {
        "taken": {"EventId": "11710aed-b79e-4468-a20b-bb3c0c3b4860"},
        "refused": {"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"},
    }
    return AwsAnswer(200, {"FailedEntryCount": became.count("refused"), "Entries": [answer[entry] for entry in became]})


def cancelled(order: str, shelf: str) -> AwsAnswer:
    """Return a cancelled transaction, with the reasons for its two writes."""
    code = "TransactionCanceledException"
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{order}, {shelf}]"
    return AwsAnswer(
        400,
        {
            "Error": {"Code": code, "Message": message},
            "message": message,
            "CancellationReasons": [{"Code": order}, {"Code": shelf}],
        },
    )


def refused_call(code: str) -> AwsAnswer:
    """Return an error of AWS."""
    return AwsAnswer(400, {"Error": {"Code": code, "Message": code}})
