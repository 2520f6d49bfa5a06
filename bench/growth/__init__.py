"""How cost grows: with the orders in the table, with the buyers of one sku, and with the stuck orders."""

from bench.ground import Grounds
from bench.growth.findings import section
from bench.growth.recovering import by_stuck_orders
from bench.growth.rush import by_contention
from bench.growth.shop import open_shop
from bench.growth.table_size import by_table_size
from bench.section import Scale, Section
from tools.base.console import doing


def measure(scale: Scale, grounds: Grounds) -> Section:
    """Measure all three on one deployed stack."""
    sizes, still = ([20, 300], [30, 300]) if scale.quick else ([100, 1_000, 5_000], [1_000, 3_000, 10_000])
    buyers, rounds = scale.choose(32, 4), scale.choose(2, 1)
    shop = open_shop(grounds.proxied)
    with doing(f"placing orders with {_listed(sizes)} others in the table"):
        orders = by_table_size(shop, sizes, scale.choose(10, 2), rounds)
    with doing(f"letting {buyers} buyers come at once"):
        rushes = by_contention(shop, buyers, scale.choose(3, 1))
    with doing(f"recovering {_listed(still)} stuck orders"):
        recoveries = by_stuck_orders(shop, still, rounds)
    return section(orders, rushes, recoveries)


def _listed(sizes: list[int]) -> str:
    return ", ".join(f"{size:,}" for size in sizes)
