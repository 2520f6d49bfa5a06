"""The tools outside of `tools/shop` name nothing of the shop: a fork for another business takes them as they are."""

import ast
import re
from pathlib import Path

import pytest

from tests.contract.template import FUNCTIONS, ROOT
from tools.base.transitions import EVENT_OF_STATUS, EVENTS

TOOLS = ROOT / "tools"
SHOP = TOOLS / "shop"
FILES = sorted(path for path in TOOLS.rglob("*.py") if SHOP not in path.parents)
WORDS = re.compile("sku|payment|shipping|inventory|customer|carrier", re.IGNORECASE)
NAMES = {*EVENTS, *FUNCTIONS} | {status for status in EVENT_OF_STATUS if "_" in status}
ASKED = {
    "tools.__main__": {"tools.shop.commands"},
    "tools.console.actions": {"tools.shop.api", "tools.shop.panel", "tools.shop.seed", "tools.shop.ways"},
    "tools.console.app": {"tools.shop.panel", "tools.shop.request", "tools.shop.tour", "tools.shop.ways"},
    "tools.console.serving": {"tools.shop.panel"},
    "tools.console.switches": {"tools.shop.faults"},
    "tools.deploying.commands": {"tools.shop.seed"},
    "tools.invoking.invocation": {"tools.shop.seed"},
    "tools.project.contracts.examples": {"tools.shop.examples"},
    "tools.project.contracts.files": {"tools.shop.openapi"},
}
"""What the other tools ask of the shop, as tools/shop/__init__.py tells whoever replaces it."""


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=shown)
def test_no_word_of_the_shop_is_in_a_tool(path: Path) -> None:
    text = path.read_text()
    said = set(WORDS.findall(text)) | {name for name in NAMES if re.search(rf"\b{name}\b", text)}
    assert said == set()


def test_a_word_of_the_shop_would_be_found() -> None:
    shop = "".join(path.read_text() for path in SHOP.glob("*.py"))
    assert {"sku", "Inventory"} <= set(WORDS.findall(shop))
    assert {name for name in NAMES if name in shop} >= {"ShippingScheduled", "SHIPPING_SCHEDULED"}


def test_what_the_tools_ask_of_the_shop_is_what_a_fork_is_told() -> None:
    asked: dict[str, set[str]] = {}
    for path in FILES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("tools.shop"):
                continue
            modules = (
                {f"{node.module}.{each.name}" for each in node.names} if node.module == "tools.shop" else {node.module}
            )
            asked.setdefault(name, set()).update(map(str, modules))
    assert asked == ASKED
    told = (SHOP / "__init__.py").read_text()
    for module in set().union(*ASKED.values()):
        assert f"`{module.removeprefix('tools.shop.')}." in told
