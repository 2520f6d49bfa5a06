"""The commands of the pages, typed into a shell by a reader who has just made a copy of the project."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.copies import Copy
from tests.e2e.shown import MEANWHILE, NEEDS, SHOWN
from tools.base.target import Target
from tools.emulator.backends import adapter

pytestmark = [pytest.mark.xdist_group("tutorial"), pytest.mark.slow]

ORDER = r'(?m)(?:"orderId": "|^)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b'
URL = r"the API is at (\S+)"
CURL_THAT_SIGNS = (7, 75)
"""The first curl with `--aws-sigv4` ("curl man page", --aws-sigv4)."""


class Reader:
    """Somebody who types what the pages say, and remembers what was printed; what two pages say is typed once."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._printed: dict[str, str] = {}

    def types(self, command: str, shown: str = "") -> str:
        """Type a command, and return what it printed; one that runs until Ctrl-C is ended once `shown` is there."""
        if command not in self._printed:
            typed = self._filled_in(command)
            if command in MEANWHILE:
                self._printed[command] = self._copy.until_ctrl_c(typed, MEANWHILE[command], shown)
            else:
                self._printed[command] = self._copy.shell(typed)
        return self._printed[command]

    def _filled_in(self, command: str) -> str:
        if "<orderId>" in command:
            command = command.replace("<orderId>", re.findall(ORDER, "\n".join(self._printed.values()))[-1])
        if "<the URL that make deploy printed>" in command:
            (url,) = re.findall(URL, self.types("make deploy"))
            command = command.replace("<the URL that make deploy printed>", url)
        return command


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory, running: Target | None) -> Iterator[Reader]:
    copy = Copy(tmp_path_factory.mktemp("read") / "order-saga", running)
    yield Reader(copy)
    copy.discard()


def test_what_the_pages_tell_a_reader_to_type_shows_what_they_promise(
    reader: Reader, running: Target | None, subtests: pytest.Subtests
) -> None:
    lacks = adapter(running).lacks if running else {}
    for page, commands in SHOWN.items():
        for command, shown in commands.items():
            with subtests.test(f"{page}: {command}"):
                if command.startswith("curl "):
                    skip_without_a_curl_that_signs()
                if NEEDS.get(command) in lacks:
                    pytest.skip(lacks[NEEDS[command]])
                assert re.search(shown, reader.types(command, shown))


def skip_without_a_curl_that_signs() -> None:
    curl = shutil.which("curl")
    said = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout if curl else ""
    version = re.match(r"curl (\d+)\.(\d+)", said)
    if not version or (int(version[1]), int(version[2])) < CURL_THAT_SIGNS:
        pytest.skip("the curl of this machine cannot sign calls: 7.75 or newer is needed")
