"""An HTTP request as API Gateway hands it over."""

from base64 import b64decode
from typing import Any


class Request:
    """A request (Amazon API Gateway Developer Guide, "Input format of a Lambda function for proxy integration")."""

    def __init__(self, event: dict[str, Any]) -> None:
        self.body: str = event.get("body") or ""
        self.path_parameters: dict[str, str] = event.get("pathParameters") or {}
        self._is_base64: bool = event.get("isBase64Encoded") or False
        self._headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}

    def header(self, name: str) -> str | None:
        """Give a header's value, however the client spelled its name; None if there is no such header."""
        return self._headers.get(name.lower())

    def text(self) -> str:
        """Give the body as text; raises `ValueError` if it is not what it says to be."""
        return b64decode(self.body).decode() if self._is_base64 else self.body
