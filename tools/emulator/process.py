"""The emulator's process: MiniStack, made to treat functions as Lambda does, and to spare a laptop.

MiniStack 1.5 runs a rule's Lambda target once. On AWS that call is asynchronous: tried three times, then handed to
the function's OnFailure destination (AWS Lambda Developer Guide, "How Lambda handles errors and retries with
asynchronous invocation"). MiniStack has all of this for other callers; here its EventBridge is led to it.

MiniStack starts as many environments of a function as there are calls at once, each a Python process with its own copy
of the code. Here a function has a few, and further calls wait, as they would in Lambda's queue.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from threading import Semaphore
from typing import Any

from ministack.app import main
from ministack.services import eventbridge, lambda_svc

ENVIRONMENTS = max(2, os.cpu_count() or 1)
"""Environments of each function at the most."""


def deliver_with_retries(function_arn: str, payload: str) -> None:
    """Call a rule's Lambda target as EventBridge does on AWS: asynchronously, with retries and OnFailure."""
    function, config, name = lambda_svc._get_func_record_for_ref(function_arn)  # noqa: SLF001  no public way
    if not function or not config:
        eventbridge.logger.warning("EventBridge: function %s not found", name)
        return
    record = lambda_svc._execution_record_for_config(function, config)  # noqa: SLF001  no public way
    # An alias has retries and OnFailure of its own. MiniStack keeps them at the function, and looks at the version.
    whole, _, _ = lambda_svc._get_base_func_record_for_ref(function_arn)  # noqa: SLF001  no public way
    alias = function_arn.partition(":function:")[2].partition(":")[2]
    record["event_invoke_config"] = lambda_svc._event_invoke_config(whole, alias)  # noqa: SLF001  no public way
    lambda_svc.invoke_async_with_retry(record, json.loads(payload))


def in_few_environments(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Run at most `ENVIRONMENTS` calls of a function at once; the others wait."""
    free: defaultdict[str, Semaphore] = defaultdict(lambda: Semaphore(ENVIRONMENTS))

    def wait_then_execute(function: dict[str, Any], config: dict[str, Any], *rest: Any) -> Any:
        with free[config["FunctionName"]]:
            return execute(function, config, *rest)

    return wait_then_execute


if __name__ == "__main__":
    # Its own words are for whoever looks for its process; MiniStack reads its command line, too.
    del sys.argv[1:]
    eventbridge._dispatch_to_lambda = deliver_with_retries  # noqa: SLF001  the one place that has no retries
    lambda_svc._execute_function_dispatch = in_few_environments(lambda_svc._execute_function_dispatch)  # noqa: SLF001
    main()
