"""Shows the values of the template's parameters that a deployed stack works with."""

from rich.markup import escape
from rich.table import Table

from tools.base.console import console
from tools.base.stack import Stack
from tools.deploying.parameters import declared


def show(stack: Stack) -> None:
    """Print the value of each of the stack's parameters, with the template's default where it is another one."""
    template = declared()
    table = Table("parameter", "in force", "default", box=None, pad_edge=False)
    for name, value in sorted(stack.parameters.items()):
        default = str(template.get(name, {}).get("Default", "")) if name in template else "not in this template"
        table.add_row(name, escape(value) or '""', "" if value == default else default or '""')
    console.print(table)
