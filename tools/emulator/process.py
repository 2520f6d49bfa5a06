"""The emulator's process: MiniStack, made to treat functions as Lambda does, and to spare a laptop.

MiniStack 1.5 runs a rule's Lambda target once. On AWS that call is asynchronous: tried three times, then handed to
the function's OnFailure destination (AWS Lambda Developer Guide, "How Lambda handles errors and retries with
asynchronous invocation"). MiniStack has all of this for other callers; here its EventBridge is led to it.

MiniStack starts as many environments of a function as there are calls at once, each a Python process with its own copy
of the code. Here a function has a few, and further calls wait, as they would in Lambda's queue.

MiniStack refuses access keys that it has not issued. Here they have the account's own rights, as on LocalStack: plain
`samlocal` and `sam local` use whatever credentials the shell has.

For the console's sake, publishes get lost and events come twice and out of order while a file says so: see
`tools.emulator.faults`. A function that waits for a debugger has one environment: see `tools.emulator.debugging`.

`samlocal deploy` writes the address of a nested template as it reached S3, on this machine, and `samlocal delete` reads
AWS's addresses alone: here GetTemplate returns those.
"""

import json
import os
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import copy_context
from pathlib import Path
from threading import Lock, Semaphore, Timer
from typing import Any

from ministack.app import main
from ministack.core import iam_evaluator
from ministack.services import eventbridge, iam, lambda_svc, sts
from ministack.services.cloudformation import handlers

ENVIRONMENTS = max(2, os.cpu_count() or 1)
"""Environments of each function at the most."""

LATE = 2.0
"""Seconds that an event is late at the most, while events come out of order."""

NESTED = re.compile(rb"(TemplateURL(?:&quot;)?: *(?:&quot;)?)http://[^/\s]+/")
"""The address of a nested template, in an answer in XML."""


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


def faults() -> dict[str, Any]:
    """Return what is at fault now."""
    return said_in("EMULATOR_FAULTS")


def said_in(variable: str) -> dict[str, Any]:
    """Return what the file says whose name is in this variable, while its writer lives."""
    try:
        said: dict[str, Any] = json.loads(Path(os.environ[variable]).read_text())
        os.kill(said["owner"], 0)
    except (OSError, ValueError, KeyError):
        return {}
    return said


def losing_some(dispatch: Callable[..., None]) -> Callable[..., None]:
    """Dispatch what is published, but for what gets lost: it was taken, and no rule ever sees it."""

    def dispatch_or_lose(*event: Any) -> None:
        if random.random() >= faults().get("lost", 0):  # noqa: S311  no secret
            dispatch(*event)

    return dispatch_or_lose


def twice_and_late(deliver: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Deliver each event once and at once; while the faults say so, twice, and later than the next one."""

    def deliver_or_scatter(function_arn: str, payload: str) -> None:
        if not faults().get("twice"):
            deliver(function_arn, payload)
            return
        for _ in range(2):
            # It runs as the request does: the account and the Region are in its context.
            later = random.random() * LATE  # noqa: S311  no secret
            Timer(later, copy_context().run, (deliver, function_arn, payload)).start()

    return deliver_or_scatter


def in_few_environments(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Run at most `ENVIRONMENTS` calls of a function at once, one of a function that is debugged; the others wait."""
    free: defaultdict[str, Semaphore] = defaultdict(lambda: Semaphore(ENVIRONMENTS))
    debugged: defaultdict[str, Lock] = defaultdict(Lock)

    def wait_then_execute(function: dict[str, Any], config: dict[str, Any], *rest: Any) -> Any:
        name = config["FunctionName"]
        alone = debugged[name] if said_in("EMULATOR_DEBUG").get("function") == name else nullcontext()
        with free[name], alone:
            return execute(function, config, *rest)

    return wait_then_execute


def is_of_nobody_here(access_key_id: str) -> bool:
    """Return whether no user and no role of this emulator has an access key: it then has the account's own rights."""
    return access_key_id not in sts._sessions and not iam._access_keys.get(access_key_id)  # noqa: SLF001  no public way


def with_addresses_of_aws(get_template: Callable[..., Any]) -> Callable[..., Any]:
    """Return a template with the addresses of its nested templates as S3 has them on AWS."""

    def get(params: Any) -> Any:
        status, headers, body = get_template(params)
        return status, headers, NESTED.sub(rb"\1https://s3.amazonaws.com/", body)

    return get


if __name__ == "__main__":
    # Its own words are for whoever looks for its process; MiniStack reads its command line, too.
    del sys.argv[1:]
    if bridge := os.environ.get("EMULATOR_BRIDGE"):
        # Imported here: the emulator's image has this file alone. And found here: Python was told to look nowhere else.
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        from tools.emulator.docker import Bridge
        from tools.emulator.port_forwarding import forward_always

        forward_always(int(os.environ["GATEWAY_PORT"]), Bridge.read(bridge))
    iam_evaluator.is_root_access_key = is_of_nobody_here
    actions = handlers._ACTION_HANDLERS  # noqa: SLF001  no public way
    actions["GetTemplate"] = with_addresses_of_aws(actions["GetTemplate"])
    # The one place that has no retries.
    eventbridge._dispatch_to_lambda = twice_and_late(deliver_with_retries)  # noqa: SLF001  no public way
    eventbridge._dispatch_event = losing_some(eventbridge._dispatch_event)  # noqa: SLF001  no public way
    lambda_svc._execute_function_dispatch = in_few_environments(lambda_svc._execute_function_dispatch)  # noqa: SLF001
    main()
