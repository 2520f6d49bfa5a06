"""Starts the console: its address first, which a browser may open while the rest is imported."""

import secrets
import socket

from tools.base.console import console, problems
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.console.browser import open_in_browser

PORT = 4580
"""The first port that is tried, if none was chosen."""
TRIED = 20


def start(target: Target, *, acts: bool, port: int | None, opens: bool) -> None:
    """Serve the console of a target until Ctrl-C, and open it. Raises `ProblemError` if the port is taken."""
    listening, token, code = _listen(port), secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    console.print(f"{target.stack_name} at {target.name}, live: {address}/{token}/", soft_wrap=True)
    problems.print(f"{'actions are enabled' if acts else 'read-only'}; Ctrl-C stops the console", soft_wrap=True)
    if opens:
        open_in_browser(f"{address}/{code}")
    # Half a second, of the server and of AWS's clients.
    from tools.console.serving import serve  # noqa: PLC0415

    serve(listening, token, target, acts=acts, code=code)


def _listen(port: int | None) -> socket.socket:
    """Return a socket on this machine's own address, which no other machine reaches."""
    for number in [port] if port else [*range(PORT, PORT + TRIED), 0]:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", number))
        except OSError:
            listening.close()
        else:
            listening.listen(64)
            return listening
    raise ProblemError(f"port {port} is taken by another program: choose another one, as in CONSOLE_PORT=4599")
