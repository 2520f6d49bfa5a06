"""Why a program failed is one line, whatever it wrote beside."""

import pytest

from tools.deploying.build import reason


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Building\n\nError: Template is invalid\n", "Template is invalid"),
        (
            "Traceback (most recent call last):\n  File x\npip.InvalidSchema: No SOCKS\nWARNING: old pip\n",
            "pip.InvalidSchema: No SOCKS",
        ),
        (
            "| CREATE_FAILED   AWS::SQS::Queue   Queue   it is there |\n-----\n",
            "| CREATE_FAILED AWS::SQS::Queue Queue it is there |",
        ),
        (
            "Build Failed\nError: PythonPipBuilder:CopySource - [Errno 28] No space left on device: 'a' -> 'b'\n",
            "the disk is full: make room, for example with `make clean`",
        ),
        ("something else\n", "something else"),
        ("\n \n", "it said nothing"),
    ],
)
def test_the_line_that_tells_why_is_found(said: str, why: str) -> None:
    assert reason(said) == why
