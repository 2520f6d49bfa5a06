"""The commands of the pages, typed into a shell by a reader who has just made a copy of the project."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import free_port
from tests.e2e.copies import Copy
from tests.e2e.shown import MEANWHILE, SHOWN

pytestmark = pytest.mark.xdist_group("tutorial")

BEGIN = "make demo"
PLACEHOLDERS = {
    "<orderId>": r'(?m)(?:"orderId": "|^)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b',
    "<the URL that make deploy printed>": r"orders are placed at (\S+)",
}
"""What a reader puts in place of these: what a command printed last that looks like this."""
CURL_THAT_SIGNS = (7, 75)
"""The first curl with `--aws-sigv4` ("curl man page", --aws-sigv4)."""


class Reader:
    """Somebody who types what a page says, and remembers what was printed."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        # The demo comes first whichever page is read; the second is what the README's URL is said to come from.
        self._begun = self._seen = copy.shell(BEGIN)
        self._seen += copy.shell("make deploy")

    def types(self, command: str, shown: str) -> str:
        """Type a command, and give what it printed; `shown` is what one that runs until Ctrl-C is to print before."""
        if command == BEGIN:
            return self._begun
        for placeholder, pattern in PLACEHOLDERS.items():
            command = command.replace(placeholder, re.findall(pattern, self._seen)[-1])
        if command in MEANWHILE:
            printed = self._copy.until_ctrl_c(command, MEANWHILE[command], shown)
        else:
            printed = self._copy.shell(command)
        self._seen += printed
        return printed


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    copy = Copy(tmp_path_factory.mktemp("read") / "order-saga", free_port())
    yield Reader(copy)
    assert "the emulator is stopped" in copy.make("down")
    shutil.rmtree(copy.root)


@pytest.mark.parametrize("page", SHOWN)
def test_the_commands_of_a_page_do_what_it_says(page: str, reader: Reader, subtests: pytest.Subtests) -> None:
    for command, shown in SHOWN[page].items():
        with subtests.test(command):
            if command.startswith("curl "):
                skip_without_a_curl_that_signs()
            assert re.search(shown, reader.types(command, shown))


def skip_without_a_curl_that_signs() -> None:
    curl = shutil.which("curl")
    said = subprocess.run([curl, "--version"], capture_output=True, text=True, check=True).stdout if curl else ""
    version = re.match(r"curl (\d+)\.(\d+)", said)
    if not version or (int(version[1]), int(version[2])) < CURL_THAT_SIGNS:
        pytest.skip("the curl of this machine cannot sign calls")
