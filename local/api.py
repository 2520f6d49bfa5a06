"""The HTTP API, called as a customer's program would."""

from typing import Any

import httpx
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from local.problem import ProblemError
from local.stack import Stack

TIMEOUT = 30.0
"""Seconds: API Gateway itself gives up after 29."""


def place(stack: Stack, order: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    """POST an order; gives whatever is answered. Raises `ProblemError` if nothing is."""
    try:
        return httpx.post(f"{stack.api_url}/orders", json=order, headers=headers, timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise ProblemError(f"the API at {stack.api_url} does not answer: {error}") from None


@retry(
    retry=retry_if_exception_type(httpx.TransportError), wait=wait_random_exponential(max=1), stop=stop_after_attempt(3)
)
def get(stack: Stack, order_id: str) -> dict[str, Any]:
    """GET an order's record. Raises `ProblemError` if there is none."""
    answer = httpx.get(f"{stack.api_url}/orders/{order_id}", timeout=TIMEOUT)
    if answer.is_success:
        record: dict[str, Any] = answer.json()
        return record
    raise ProblemError(f"order {order_id} cannot be shown: {answer.status_code} {answer.text}")
