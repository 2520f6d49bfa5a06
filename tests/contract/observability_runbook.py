"""The runbook as written: its sections, and what its queries ask for."""

import re

from tests.contract import template

RUNBOOK = (template.ROOT / "docs" / "runbook.md").read_text()
QUERIES: list[str] = re.findall(r"^```text\n(.*?)^```", RUNBOOK, re.DOTALL | re.MULTILINE)
QUERY_WORDS = {"filter", "fields", "stats", "sort", "parse", "by", "as", "asc", "desc", "like", "or", "and"}
QUERY_FUNCTIONS = {"count", "latest", "pct", "ispresent"}
ACCESS_LOG = str(template.RESOURCES["Api"]["Properties"].get("AccessLogSetting"))
ACCESS_LOG_FIELDS = set(re.findall(r'"(\w+)":', ACCESS_LOG))
"""What API Gateway writes."""


def anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


ANCHORS = {anchor(title) for title in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)}


def alarm_sections() -> dict[str, str]:
    """Return the text of each section under "Alarms", by anchor."""
    (alarms,) = re.findall(r"^## Alarms\n(.*?)(?=^## )", RUNBOOK, re.DOTALL | re.MULTILINE)
    sections = re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", alarms, re.DOTALL | re.MULTILINE)
    return {anchor(title): text for title, text in sections}


def asked(query: str) -> set[str]:
    """Return the fields that a query asks for, but for those it makes itself and those of CloudWatch (`@message`)."""
    bare = re.sub(r'"[^"]*"|(?<= )/.*/$|@\w+', "", query, flags=re.MULTILINE)
    made = set(re.findall(r"(?:\bas |\(\?<)(\w+)", query))
    return set(re.findall(r"[a-zA-Z_]\w*", bare)) - QUERY_WORDS - QUERY_FUNCTIONS - made
