"""Prints the settings."""

from rich.table import Table

from tools.base.console import console
from tools.base.settings import SETTINGS, Settings


def show(settings: Settings) -> None:
    """Print each setting, its value and where it came from; what is secret is not shown."""
    table = Table("setting", "value", "from", "what it is", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    place = "AWS" if settings.endpoint is None else "here"
    for name, value in settings.values.items():
        setting = SETTINGS[name]
        if setting.only not in {None, place}:
            continue
        shown = "(set, and not shown)" if setting.secret and value.text else value.text or "(none)"
        table.add_row(name, shown, str(value.source), setting.means)
    console.print(table)
    console.print(
        f"the commands work at {settings.endpoint or 'AWS'}; what a stack is deployed with: `make parameters`"
    )
