"""Runs at the start of each function's process on the embedded emulator, and of no other: see `tools.emulator.faults`.

Python imports a module of this name at its start; the emulator names this folder to the functions that it starts, and
nothing of it ships to Lambda. While the file of faults is there, a function's providers and its AWS calls misbehave as
it says; without it they are asked as ever.
"""

import json
import os
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

FAULTS = "EMULATOR_FAULTS"
"""The variable that names the file of faults."""
HANGING = 30.0
"""Seconds: longer than a provider may take."""


class ProviderFaultError(ConnectionError):
    """What a provider's client raises that got a 500."""


class Faults:
    """The file of faults, read anew when it changes; it counts for as long as the process that wrote it lives."""

    def __init__(self, file):
        self._file, self._stamp, self._said = Path(file), None, {}

    def now(self):
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

    def __init__(self, adapter, name, faults):
        self._adapter, self._name, self._faults = adapter, name, faults

    def __getattr__(self, operation):
        """Return an operation of the adapter, with the fault of the moment of its call."""
        asked = getattr(self._adapter, operation)

        def faulty(*args, **kwargs):
            said = self._faults.now()
            if said is None:
                return asked(*args, **kwargs)
            fault = said.get("providers", {}).get(self._name, {})
            if fault.get("does") == "error":
                raise ProviderFaultError(f"{operation}: the provider answered 500")
            if fault.get("does") == "hang":
                # As often as not it did what it was asked: only its answer never comes.
                if random.random() < 0.5:
                    self._remember(operation, args, "done")
                    asked(*args, **kwargs)
                time.sleep(HANGING)
                raise ProviderFaultError(f"{operation}: the provider never answered")
            if refusal := fault.get("refusals", {}).get(operation):
                answer = "refused" if fault.get("does") == "refuse" else "done"
                if self._remember(operation, args, answer) == "refused":
                    return _refused(*refusal)
            return asked(*args, **kwargs)

        return faulty

    def _remember(self, operation, args, answer):
        """Return the first answer under a key: this one, unless there was another."""
        key = getattr(args[0], "key", args[0]) if args else ""
        with closing(sqlite3.connect(Path(tempfile.gettempdir()) / "faulty-providers.sqlite", timeout=10)) as books:
            with books:
                books.execute("PRAGMA synchronous = OFF")
                books.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")
                this = f"{self._name} {operation} {key}"
                books.execute("INSERT OR IGNORE INTO answers VALUES (?, ?)", (this, answer))
            return books.execute("SELECT answer FROM answers WHERE key = ?", (this,)).fetchone()[0]


def _refused(module, name, reason):
    """Return the port's own answer to what is refused, or raise it."""
    refused = getattr(import_module(module), name)(reason)
    if isinstance(refused, BaseException):
        raise refused
    return refused


class After(MetaPathFinder):
    """Changes modules once they are imported."""

    def __init__(self, changes):
        self._changes = changes

    def find_spec(self, name, path=None, _target=None) -> ModuleSpec | None:
        """Return the spec of a module that is to be changed, with the change after its code."""
        if name not in self._changes or not (spec := PathFinder.find_spec(name, path)) or not spec.loader:
            return None
        run = spec.loader.exec_module

        def run_and_change(module):
            run(module)
            self._changes[name](module)

        spec.loader.exec_module = run_and_change
        return spec


def change(faults):
    """Lead what a function asks of others through the faults."""

    def limit(module):
        within_time = module.within_time

        def faulty(adapter):
            return within_time(FaultyProvider(adapter, _who_asks(), faults))

        module.within_time = faulty

    def send(module):
        direct = module.URLLib3Session.send

        def through_the_proxy(self, request):
            said = faults.now()
            if said and said.get("proxy"):
                # It was signed for the emulator, and that is where the proxy takes it.
                request.url = urlunsplit(urlsplit(request.url)._replace(netloc=said["proxy"]))
            return direct(self, request)

        module.URLLib3Session.send = through_the_proxy

    sys.meta_path.insert(0, After({"saga.time_limit": limit, "botocore.httpsession": send}))


def _who_asks():
    """Return the module that puts an adapter behind the kernel's guards: `payments.provider`."""
    frame = sys._getframe(2)
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == "saga":
        frame = frame.f_back
    return frame.f_globals["__name__"] if frame else ""


if os.environ.get(FAULTS):
    with suppress(Exception):
        change(Faults(os.environ[FAULTS]))
