"""Which functions Lambda throttled: it logs nothing, and only their metric tells.

An emulator throttles nothing, so only a stack on AWS is asked, once a minute while a page is visible.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from saga.clock import now

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

EVERY = timedelta(minutes=1)
LOOKS_BACK = timedelta(minutes=3)
"""A minute's figure appears a minute or two after its end."""


class Throttled(NamedTuple):
    """How often a function was throttled in one minute."""

    function: str
    times: int


class Throttles:
    """What the metric says, each minute of a function once."""

    def __init__(self) -> None:
        self._asked: datetime | None = None
        self._told: set[tuple[str, datetime]] = set()

    def since_last_asked(self, cloudwatch: "CloudWatchClient", functions: Mapping[str, str]) -> Iterator[Throttled]:
        """Yield what is new for functions, which are given as their names in the template by their own names.

        Nothing is asked if a minute has not passed since the last time.
        """
        time = now()
        if self._asked and time - self._asked < EVERY:
            return
        self._asked = time
        self._told = {(name, minute) for name, minute in self._told if minute > time - 2 * LOOKS_BACK}
        own = list(functions)
        answer = cloudwatch.get_metric_data(
            MetricDataQueries=[_query(number, name) for number, name in enumerate(own)],
            StartTime=time - LOOKS_BACK,
            EndTime=time,
        )
        for result in answer["MetricDataResults"]:
            name = functions[own[int(result["Id"].removeprefix("f"))]]
            for minute, times in zip(result["Timestamps"], result["Values"], strict=True):
                if times and (name, minute) not in self._told:
                    self._told.add((name, minute))
                    yield Throttled(name, int(times))


def _query(number: int, function: str) -> "MetricDataQueryTypeDef":
    return {
        "Id": f"f{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": "Throttles",
                "Dimensions": [{"Name": "FunctionName", "Value": function}],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }
