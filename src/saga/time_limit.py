"""A limit on how long a provider may take, whatever its adapter does."""

from collections.abc import Callable
from concurrent.futures import Future
from functools import wraps
from threading import Thread
from typing import Any, TypeVar, cast

from saga.deferral import UnreachableError
from saga.settings import settings

Port = TypeVar("Port")


class ProviderTimeoutError(UnreachableError):
    """The provider did not answer in time: the outcome is unknown."""


def within_time(adapter: Port) -> Port:
    """Return the adapter with a limit on how long each of its operations may take: `ProviderTimeoutSeconds`.

    The limit covers the whole operation, retries included, and does not rely on the adapter: an operation runs in a
    thread of its own, which is abandoned when the time is over, and `ProviderTimeoutError` is raised. Whatever the
    operation still does at the provider is found by its repetition, as after a call whose response was lost.
    """
    return cast("Port", _Limited(adapter))


class _Limited:
    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._adapter, name)

        @wraps(operation)
        def limited(*args: Any, **kwargs: Any) -> Any:
            answer: Future[Any] = Future()
            # A daemon, and one for each call: neither the next call nor the exit waits for one that was abandoned.
            Thread(target=_answer, args=(answer, operation, args, kwargs), daemon=True).start()
            seconds = settings().provider_timeout.total_seconds()
            try:
                return answer.result(seconds)
            except TimeoutError:
                if answer.done():
                    raise
                raise ProviderTimeoutError(f"{name}: the provider did not answer within {seconds:g} s") from None

        return limited


def _answer(answer: "Future[Any]", operation: Callable[..., Any], args: Any, kwargs: Any) -> None:
    try:
        answer.set_result(operation(*args, **kwargs))
    # Whatever it is, it belongs to the caller.
    except BaseException as failure:  # noqa: BLE001
        answer.set_exception(failure)
