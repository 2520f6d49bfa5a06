"""Runs at the start of each function's process on the embedded emulator, and of no other.

Python imports a module of this name at its start; the emulator names this folder to the functions that it starts, and
nothing of it ships to Lambda. While the file of faults is there, a function's providers and its AWS calls misbehave as
it says (`tools.emulator.faults`); without it they are asked as ever. A function that is debugged listens for a debugger
before its code is imported, and takes that from the checkout (`tools.emulator.debugging`).
"""  # noqa: INP001  in no package: Python looks for it by its name alone

import json
import os
import random
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

FILE = "EMULATOR_FAULTS"
"""The variable that names the file of faults."""
DEBUG = "EMULATOR_DEBUG"
"""The variable that names the file which says what is debugged."""
HANGING = 30.0
"""Seconds: longer than a provider may take."""
HALF = 0.5
HANDED_OVER = 10.0
"""Seconds in which a debugger's port is free again after its function's process has ended."""


class ProviderFaultError(ConnectionError):
    """What a provider's client raises that got a 500, or nothing."""


class Faults:
    """The file of faults, read anew when it changes; it counts for as long as the process that wrote it lives."""

    def __init__(self, file: str) -> None:
        self._file, self._stamp, self._said = Path(file), 0, dict[str, Any]()

    def now(self) -> Mapping[str, Any] | None:
        """Return what is at fault now, None if nothing is."""
        try:
            stamp = self._file.stat().st_mtime_ns
            if stamp != self._stamp:
                self._said, self._stamp = json.loads(self._file.read_text()), stamp
            os.kill(self._said["owner"], 0)
        except (OSError, ValueError, KeyError):
            return None
        return self._said


class FaultyProvider:
    """A provider's adapter, with the faults of the moment before it.

    Under one key it refuses or it does not, whatever the fault is later: so real ones do.
    """

    def __init__(self, adapter: Any, name: str, faults: Faults) -> None:
        self._adapter, self._name, self._faults = adapter, name, faults

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """Return an operation of the adapter, with the fault of the moment of its call."""
        asked = getattr(self._adapter, operation)

        def faulty(*args: Any, **kwargs: Any) -> Any:
            said = self._faults.now()
            fault = said.get("providers", {}).get(self._name) if said else None
            if not fault:
                return asked(*args, **kwargs)
            refusal = fault["refusals"].get(operation)
            if fault["does"] == "error":
                raise ProviderFaultError(f"{operation}: the provider answered 500")
            if fault["does"] == "key":
                raise import_module("saga.deferral").KeyRefusedError(f"{operation}: the provider answered 401")
            answer = "refused" if fault["does"] == "refuse" and refusal else "done"
            if refusal and self._first_answer(operation, args, answer) == "refused":
                return _refused(*refusal)
            if fault["does"] == "hang":
                # As often as not it did what it was asked: only its answer never comes.
                if random.random() < HALF:  # noqa: S311  no secret
                    asked(*args, **kwargs)
                time.sleep(HANGING)
                raise ProviderFaultError(f"{operation}: the provider never answered")
            return asked(*args, **kwargs)

        return faulty

    def _first_answer(self, operation: str, args: tuple[Any, ...], answer: str) -> str:
        """Return the first answer under a key: this one, unless there was another."""
        key = getattr(args[0], "key", args[0]) if args else ""
        this = f"{self._name} {operation} {key}"
        with closing(sqlite3.connect(Path(tempfile.gettempdir()) / "faulty-providers.sqlite", timeout=10)) as books:
            with books:
                books.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
                books.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (this, answer))
            (first,) = books.execute("SELECT answer FROM answers WHERE key = ?", (this,)).fetchone()
        return str(first)


def _refused(module: str, name: str, reason: str) -> Any:
    """Return the port's own answer to what is refused, or raise it."""
    refused = getattr(import_module(module), name)(reason)
    if isinstance(refused, BaseException):
        raise refused
    return refused


class After(MetaPathFinder):
    """Changes modules once they are imported."""

    def __init__(self, changes: Mapping[str, Callable[[ModuleType], None]]) -> None:
        self._changes = changes

    def find_spec(self, name: str, path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Return the spec of a module that is to be changed, with the change after its code."""
        if name not in self._changes or not (spec := PathFinder.find_spec(name, path)) or not spec.loader:
            return None
        run, change = spec.loader.exec_module, self._changes[name]

        def run_and_change(module: ModuleType) -> None:
            run(module)
            change(module)

        spec.loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


class FromTheCheckout(MetaPathFinder):
    """Finds the packages of the checkout before those of the artifact: a breakpoint names a file of the checkout."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._packages = {path.parent.name for path in Path(folder).glob("*/__init__.py")}

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> ModuleSpec | None:
        """Return the spec of a package of the checkout; what is in it is found by way of it."""
        return PathFinder.find_spec(name, [self._folder]) if name in self._packages else None


def listen(file: str) -> None:
    """Listen for a debugger, if this is the function that is debugged.

    The event that started the process is answered here: the emulator ends a process whose function fails.
    """
    try:
        said = json.loads(Path(file).read_text())
        os.kill(said["owner"], 0)
    except (OSError, ValueError, KeyError):
        return
    if said["function"] != os.environ.get("AWS_LAMBDA_FUNCTION_NAME"):
        return
    # debugpy starts a process of its own, which inherits this environment and would listen as well.
    del os.environ[DEBUG]
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    module, _, name = said["handler"].rpartition(".")

    def answer_the_start(module: ModuleType) -> None:
        handle = getattr(module, name)
        setattr(module, name, lambda event, context: None if event == said["start"] else handle(event, context))

    sys.meta_path[:0] = [After({module: answer_the_start}), FromTheCheckout(said["sources"])]
    _wait_until_free(said["port"])
    import_module("debugpy").listen(("127.0.0.1", said["port"]))


def _wait_until_free(port: int) -> None:
    """Wait, a while at the most: the process before this one may have ended just now, and its debugger with it."""
    until = time.monotonic() + HANDED_OVER
    while time.monotonic() < until:
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return
        time.sleep(0.05)


def install(faults: Faults) -> None:
    """Lead what a function asks of others through the faults."""

    def time_limit(module: Any) -> None:
        within_time = module.within_time
        module.within_time = lambda adapter: within_time(FaultyProvider(adapter, _who_asks(), faults))

    def session(module: Any) -> None:
        directly = module.URLLib3Session.send

        def send(self: Any, request: Any) -> Any:
            said = faults.now()
            if said and said["proxy"]:
                # It was signed for the emulator, and that is where the proxy takes it.
                request.url = urlunsplit(urlsplit(request.url)._replace(netloc=said["proxy"]))
            return directly(self, request)

        module.URLLib3Session.send = send

    sys.meta_path.insert(0, After({"saga.time_limit": time_limit, "botocore.httpsession": session}))


def _who_asks() -> str:
    """Return the module that puts an adapter behind the kernel's guards: `service.provider`."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  inspect does the same, and takes longer to import
    while frame and str(frame.f_globals.get("__name__")).partition(".")[0] == "saga":
        frame = frame.f_back
    return str(frame.f_globals.get("__name__")) if frame else ""


# Whatever goes wrong here, the function runs as on AWS.
if os.environ.get(DEBUG):
    try:
        listen(os.environ[DEBUG])
    except Exception as failure:  # noqa: BLE001  whatever it is
        print(f"no debugger can attach: {failure!r}", file=sys.stderr)  # noqa: T201  the emulator's log has it
if os.environ.get(FILE):
    with suppress(Exception):
        install(Faults(os.environ[FILE]))
