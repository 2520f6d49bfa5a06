"""The kernel is a saga by choreography, whatever it is about: no word of this shop is in it."""

import re
from pathlib import Path

import pytest

from tests.contract.template import ROOT

KERNEL = sorted((ROOT / "src" / "saga").glob("*.py"))
SHOP = re.compile(r"order|sku|payment|shipping|inventory|customer(?!ror)|amount|quantity", re.IGNORECASE)
ALLOWED = re.compile(r"in order to")


def shop_words(text: str) -> list[str]:
    """Return the lines that hold a word of the shop, also inside an identifier."""
    return [line for line in text.splitlines() if SHOP.search(ALLOWED.sub("", line))]


@pytest.mark.parametrize("module", KERNEL, ids=lambda module: module.name)
def test_no_word_of_the_shop_is_in_the_kernel(module: Path) -> None:
    assert shop_words(module.read_text()) == []


@pytest.mark.parametrize("line", ["def read_order(key):", "OrderId = str", "# the customer's", "x = skus"])
def test_a_word_of_the_shop_is_found_inside_an_identifier_as_well(line: str) -> None:
    assert shop_words(f"{line}\n# sorted in order to compare them\n") == [line]
