"""What the clients of the random schedules order, and what there is of it."""

from typing import Any

from hypothesis import strategies as st

from tests.simulation.shop.customers import CUSTOMERS

WORLD = {"stock": {"sku-a": 5, "sku-b": 2}}
"""What the world of a random schedule is made with."""


def _body(customer: str, sku: str, quantity: int) -> dict[str, Any]:
    return {"customerId": customer, "sku": sku, "quantity": quantity, "amount": 100 * quantity, "currency": "USD"}


BODIES: st.SearchStrategy[dict[str, Any]] = st.builds(
    _body,
    # Half of the customers do nothing out of the ordinary.
    st.one_of(st.sampled_from(["CUST-1", "CUST-2"]), st.sampled_from(sorted(CUSTOMERS))),
    st.sampled_from(sorted(WORLD["stock"])),
    st.integers(1, 2),
)
"""What a client may post."""
