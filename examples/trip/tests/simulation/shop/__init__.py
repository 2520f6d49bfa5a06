"""What the simulation knows of the business: the part that a fork for another one replaces.

The other modules ask it for `BRANCHES`, `BODIES`, `WORLD` and `Shop`; the proof that the proof can fail for
`mutations.ALONE` and `mutations.TOGETHER`.
"""

from tests.simulation.shop.bodies import BODIES, WORLD
from tests.simulation.shop.branches import BRANCHES
from tests.simulation.shop.shop import Shop

__all__ = ["BODIES", "BRANCHES", "WORLD", "Shop"]
