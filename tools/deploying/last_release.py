"""The order in which a release takes over from the last one: what the last one does not know is used only after it."""

from collections.abc import Mapping

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target

PARAMETER = "LastRelease"
RUNS, REPEATED, GONE = "runs", "repeated", "gone"
HOW = 'docs/deploying.md, "Over the last release", says why'


def check(target: Target, chosen: Mapping[str, str]) -> None:
    """Raise `ProblemError` if a deployment to AWS would skip one of the three.

    On an emulator a deployment replaces every function at once, and its orders are nobody's money.
    """
    if target.endpoint or PARAMETER not in chosen or (stack := Stack.find(target)) is None or not stack.outputs:
        return
    before, now = stack.parameters.get(PARAMETER), chosen[PARAMETER]
    if before is None and now != RUNS:
        raise ProblemError(f"the last release runs there: add PARAMETERS={PARAMETER}={RUNS} ({HOW})")
    if before == RUNS and now == GONE:
        raise ProblemError(f"its last deployment had {PARAMETER}={RUNS}: {REPEATED} comes next, then {GONE} ({HOW})")
