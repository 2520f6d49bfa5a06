"""Somebody with an AWS account, who types plain `sam` and `samlocal` in an activated .venv of a copy of the project."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.e2e.conftest import free_port
from tests.e2e.copies import Copy
from tools.base.stack import Stack
from tools.base.target import EMULATOR_REGION, Target

LOGGED_IN = {
    "AWS_ACCESS_KEY_ID": "ASIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLETOKEN",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "SAM_CLI_TELEMETRY": "0",
    "SAMCLI_CHECK_UPDATES": "0",
}
"""What a shell has that is logged in to an account (AWS Identity and Access Management User Guide, its examples)."""
