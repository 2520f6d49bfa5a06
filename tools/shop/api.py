"""The HTTP API, called as a customer's program would: signed, for the API asks for IAM authorization."""

import json
from typing import TYPE_CHECKING, Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tools.base.events import NOUN
from tools.base.problem import ProblemError
from tools.base.stack import Stack

if TYPE_CHECKING:
    from boto3 import Session

PATH = f"/{NOUN}s"
"""The collection, `/orders`."""
TIMEOUT = 30.0
"""Seconds: API Gateway itself gives up after 29."""


class NoAnswerError(ProblemError):
    """The API could not be reached, or took too long."""


def call(
    stack: Stack, method: str, path: str, content: bytes | None = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    """Call the API with a signature (AWS Signature Version 4); return whatever is answered. Raises `NoAnswerError`."""
    if method != "GET":
        stack.target.require_confirmation(f"calls {method} of the API of")
    url = f"{stack.api_url}{path}"
    signed = sign(stack.target.session, method, url, content, headers)
    try:
        return httpx.request(
            method,
            url,
            content=content,
            headers=signed,
            timeout=TIMEOUT,
            trust_env=not stack.target.endpoint,
        )
    except httpx.HTTPError as error:
        raise NoAnswerError(f"the API at {stack.api_url} does not answer: {error}") from None


def sign(
    session: "Session", method: str, url: str, content: bytes | None = None, headers: dict[str, str] | None = None
) -> dict[str, str]:
    """Return the headers of a signed call. Raises `ProblemError` if there are no credentials."""
    credentials = session.get_credentials()
    if credentials is None:
        raise ProblemError("there are no AWS credentials to sign with: log in, for example with `aws sso login`")
    request = AWSRequest(method=method, url=url, data=content, headers=headers or {})
    SigV4Auth(credentials, "execute-api", session.region_name or "us-east-1").add_auth(request)
    return dict(request.headers)


def place(stack: Stack, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    """POST what starts a saga; return whatever is answered. Raises `NoAnswerError` if nothing is."""
    return call(stack, "POST", PATH, json.dumps(body).encode(), headers)


@retry(
    retry=retry_if_exception_type(NoAnswerError),
    wait=wait_random_exponential(max=1),
    stop=stop_after_attempt(3),
    reraise=True,
)
def cancel(stack: Stack, key: str) -> dict[str, Any]:
    """Cancel a saga, as who asked for it does; return the answer. Raises `ProblemError` if it is refused."""
    answer = call(stack, "POST", f"{PATH}/{key}/cancel")
    if answer.is_success:
        said: dict[str, Any] = answer.json()
        return said
    raise ProblemError(f"{NOUN} {key} is not cancelled: {answer.status_code} {answer.text}")


def get(stack: Stack, key: str) -> dict[str, Any]:
    """GET a saga's record. Raises `ProblemError` if there is none."""
    answer = call(stack, "GET", f"{PATH}/{key}")
    if answer.is_success:
        record: dict[str, Any] = answer.json()
        return record
    raise ProblemError(f"{NOUN} {key} cannot be shown: {answer.status_code} {answer.text}")
