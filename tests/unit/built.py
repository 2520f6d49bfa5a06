"""What `sam build` leaves behind, without the code: the template, in which each function has its folder."""

import json
from copy import deepcopy
from pathlib import Path

from tests.contract.template import FUNCTIONS, TEMPLATE


def build_into(folder: Path) -> None:
    """Write the built template, and one folder that all functions share."""
    template = deepcopy(TEMPLATE)
    for function in FUNCTIONS:
        template["Resources"][function]["Properties"]["CodeUri"] = "Shared"
    (folder / "Shared").mkdir(parents=True, exist_ok=True)
    (folder / "template.yaml").write_text(json.dumps(template))
