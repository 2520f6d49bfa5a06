"""One run of RecoverOrders in a process of its own: `python -m bench.backlog.one_run`. Its figures go to stderr.

The handler's own log lines, one an order, go to stdout, as on Lambda.
"""

import json
import resource
import sys
import time

from bench.growth.process import ALL, Process
from bench.growth.recovering import TIMEOUT
from orders.recover_orders import handler


class Context:
    """Lambda's context of an invocation that begins now."""

    function_name = "RecoverOrders"
    function_version = "1"
    memory_limit_in_mb = 1_769
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:RecoverOrders"
    aws_request_id = "one-run"

    def __init__(self) -> None:
        self._ends = time.monotonic() + TIMEOUT / 1_000

    def get_remaining_time_in_millis(self) -> int:
        """Return what is left of the function's timeout."""
        return round((self._ends - time.monotonic()) * 1_000)


def main() -> None:
    """Recover all stuck orders, and print what the run returned, and what it used."""
    me, began = Process(ALL / "self"), time.monotonic()
    before, megabytes_before = resource.getrusage(resource.RUSAGE_SELF), me.peak_megabytes
    said = handler({"recover": "all"}, Context())  # type: ignore[arg-type]  # all of the context that is used
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "recovered": said["recovered"],
        "complete": said["complete"],
        "seconds": took,
        "processorSeconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        # Not by getrusage: its peak includes that of the process that started this one.
        "megabytesBefore": megabytes_before,
        "peakMegabytes": me.peak_megabytes,
    }
    sys.stderr.write(f"{json.dumps(figures)}\n")


if __name__ == "__main__":
    main()
