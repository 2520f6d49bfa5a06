"""What the clients of the random schedules order, and what there is of it."""

from typing import Any

from hypothesis import strategies as st

from tests.simulation.shop.customers import CUSTOMERS

WORLD = {"stock": {"sku-a": 5, "sku-b": 2}}
"""What the world of a random schedule is made with."""
CURRENCIES = ("EUR", "JPY", "USD")


def body(  # noqa: PLR0913, PLR0917  the fields of an order
    customer: str, sku: str, quantity: int, amount: int, currency: str, method: str | None
) -> dict[str, Any]:
    """Return what a client posts. No two fields of an order have the same value, nor have two orders by chance."""
    posted = {"customerId": customer, "sku": sku, "quantity": quantity, "amount": amount, "currency": currency}
    return posted | ({"paymentMethod": method} if method else {})


BODIES: st.SearchStrategy[dict[str, Any]] = st.builds(
    body,
    # Half of the customers do nothing out of the ordinary.
    st.one_of(st.sampled_from(["CUST-1", "CUST-2"]), st.sampled_from(sorted(CUSTOMERS))),
    st.sampled_from(sorted(WORLD["stock"])),
    st.integers(1, 2),
    st.integers(10_001, 99_999),
    st.sampled_from(CURRENCIES),
    st.sampled_from([None, "pm_of_one", "pm_of_another"]),
)
"""What a client may post."""
