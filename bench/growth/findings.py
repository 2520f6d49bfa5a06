"""The findings: tables, goals, and what they do not show by themselves."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.growth import recovering, rush, table_size
from bench.growth.rush import STRUCK
from bench.growth.synthetic_orders import IN_FLIGHT
from bench.section import Chart, Goal, Section, Table

FLAT = 1.25
"""How much more the largest size may take than the smallest to count as the same."""
ABOUT = f"""\
One stack on the emulator. The functions call AWS through microburst, a proxy that counts each call; the benchmark's own
calls bypass it. The smallest size is the **baseline**, and the sizes alternate. An order's time runs from its POST to
the `updatedAt` of its last write. One in {IN_FLIGHT} of the orders that fill the table is in flight; the scheduled
recovery is off. Concurrent buyers compete for pieces for half of them. The proxy injects conflicts: with probability
{STRUCK} it answers a transaction as DynamoDB answers one that met another on the same shelf. For the recovery figures
the rules of the steps are disabled, so nothing consumes what it publishes. Memory is the peak of the function's process
in a run, Python and libraries included. Times are medians."""
NO_CONFLICTS = """\
The emulator handles DynamoDB calls one at a time and never reports a conflict of its own. So a hot sku costs as much as
the same buyers on separate shelves, and the third row shows what conflicts cost. On AWS their number grows with the
buyers of the same few milliseconds, which is estimated in [scaling.md](scaling.md) and was not measured. The emulator
runs as many environments of a function as the machine has processors; further calls wait."""
SLOW_INDEX = """\
Where recovery takes longer for each order, the emulator is the cause: for each page it sorts and compares all orders of
the index's shard, while DynamoDB reads the page only. The benchmark timed the same query by itself, bypassing the
proxy, and the column beside it excludes that time for each query."""

Row = Mapping[str, Any]
Columns = Mapping[str, Callable[[Any], str]]

FULLNESS: Columns = {
    "orders in the table": lambda row: f"{row['orders']:,}",
    "calls of an order": lambda row: f"{row['calls']:g}",
    "time of an order, ms": lambda row: f"{row['milliseconds']:.0f}",
    "ratio": lambda row: f"{row['ratio']:.2f}",
    "a read by itself, ms": lambda row: f"{row['millisecondsOfARead']:.1f}",
}
RUSHES: Columns = {
    "pieces": lambda row: row["pieces"],
    "orders": lambda row: str(row["orders"]),
    "shipped": lambda row: str(row["shipped"]),
    "refused": lambda row: str(row["refused"]),
    "transactions sent": lambda row: str(row["transactions"]),
    "conflicts": lambda row: str(row["conflicts"]),
    "until all are final, s": lambda row: f"{row['seconds']:.2f}",
    "ratio": lambda row: f"{row['ratio']:.2f}",
}
RECOVERIES: Columns = {
    "stuck orders": lambda row: f"{row['orders']:,}",
    "runs": lambda row: str(row["runs"]),
    **{
        operation: lambda row, operation=operation: f"{row['callsByOperation'].get(operation, 0):g}"  # type: ignore[misc]
        for operation in ("Query", "BatchGetItem", "PutEvents")
    },
    "calls an order": lambda row: f"{row['calls']:.3f}",
    "ms an order": lambda row: f"{row['milliseconds']:.2f}",
    "ratio": lambda row: f"{row['ratio']:.2f}",
    "a query by itself, ms": lambda row: f"{row['millisecondsOfAQuery']:.1f}",
    "ms an order without the queries": lambda row: f"{row['millisecondsLessTheQueries']:.2f}",
    "memory, MB": lambda row: "?" if row["peakMegabytes"] is None else f"{row['peakMegabytes']:.0f}",
}


def section(
    orders: Mapping[int, table_size.Costs],
    rushes: Mapping[rush.Contention, rush.Rushes],
    recoveries: Mapping[int, Sequence[recovering.Recovered]],
) -> Section:
    """Describe what was found of orders, of buyers at once and of recoveries, by size, the smallest first."""
    full, rushed, recovered = table_size.rows(orders), rush.rows(rushes), recovering.rows(recoveries)
    return Section(
        title="Growth",
        about=ABOUT,
        tables={
            "A happy order, by the orders in the table": table(full, FULLNESS),
            "Buyers at once, by where the pieces lie that they want": table(rushed, RUSHES),
            "Recovery, by stuck orders": table(recovered, RECOVERIES),
        },
        goals=[*order_goals(full), rush_goal(rushed), *recovery_goals(recovered)],
        notes=[NO_CONFLICTS, SLOW_INDEX],
        curves=charts(full, recovered),
        figures={"growth": {"orders": full, "rushes": rushed, "recovery": recovered}},
    )


def table(rows: Sequence[Row], columns: Columns) -> Table:
    """Draw a table of figures."""
    return Table(tuple(columns), [tuple(cell(row) for cell in columns.values()) for row in rows])


def charts(full: Sequence[Row], recovered: Sequence[Row]) -> list[Chart]:
    """Draw how orders and recovery grow."""
    return [
        Chart(
            title="A happy order",
            x="orders in the table",
            y="milliseconds",
            lines={"from its POST to its end": points(full, "milliseconds")},
        ),
        Chart(
            title="Recovery",
            x="stuck orders",
            y="milliseconds an order",
            lines={
                "all of it": points(recovered, "milliseconds"),
                "without the queries": points(recovered, "millisecondsLessTheQueries"),
            },
        ),
        Chart(
            title="Calls of AWS",
            x="orders in the table, or stuck",
            y="calls an order",
            lines={"a happy order": points(full, "calls"), "recovery": points(recovered, "calls")},
        ),
    ]


def points(rows: Sequence[Row], name: str) -> list[tuple[float, float]]:
    """Return a figure of each size, to draw."""
    return [(row["orders"], row[name]) for row in rows]


def order_goals(rows: Sequence[Row]) -> list[Goal]:
    """Return whether an order costs the same, however many there are."""
    smallest, largest = rows[0], rows[-1]
    return [
        Goal(
            "an order makes the same calls, however many orders there are",
            f"{smallest['calls']:g} each time",
            ", ".join(f"{row['calls']:g}" for row in rows),
            all(row["callsByOperation"] == smallest["callsByOperation"] for row in rows),
        ),
        Goal(
            "an order takes as long, however many orders there are",
            f"with {largest['orders']:,} at most {FLAT} times as long as with {smallest['orders']:,}",
            f"{largest['ratio']:.2f} times",
            largest["ratio"] <= FLAT,
        ),
    ]


def rush_goal(rows: Sequence[Row]) -> Goal:
    """Return whether all pieces were sold, and none twice."""
    return Goal(
        "buyers at once get all the pieces that there are and no more, conflicts or not",
        f"{rows[0]['orders'] // 2} of {rows[0]['orders']} orders shipped, the others refused",
        ", ".join(f"{row['shipped']} and {row['refused']}" for row in rows),
        all(row["shipped"] == row["orders"] // 2 == row["orders"] - row["refused"] for row in rows),
    )


def recovery_goals(rows: Sequence[Row]) -> list[Goal]:
    """Return whether recovery gets through, and whether an order costs it more when more of them wait."""
    smallest, largest = rows[0], rows[-1]
    complete = all(row["complete"] for row in rows)
    goals = [
        Goal(
            "one run of recovery gets through",
            f"{largest['orders']:,} orders, each published once, in 1 run",
            f"{'each' if complete else 'not each'} published once, in {max(row['runs'] for row in rows)}",
            largest["runs"] == 1 and complete,
        ),
        Goal(
            "recovery makes no more calls for an order when more of them wait",
            f"at most {smallest['calls']:.3f}, as with {smallest['orders']:,}",
            f"{largest['calls']:.3f} with {largest['orders']:,}",
            largest["calls"] <= smallest["calls"],
        ),
    ]
    if smallest["peakMegabytes"] is None:
        return goals
    memory = Goal(
        "recovery needs no more memory when more orders wait",
        f"at most {FLAT} times {smallest['peakMegabytes']:.0f} MB",
        f"{largest['peakMegabytes']:.0f} MB",
        largest["peakMegabytes"] <= FLAT * smallest["peakMegabytes"],
    )
    return [*goals, memory]
