"""The providers that the console can break, by the modules that put their adapters behind the kernel's guards."""

from tools.shop.provider import Provider

PROVIDERS = {
    "payments.provider": Provider(
        "Payments",
        "If it hangs, it takes the money in half of the calls.",
        {"charge": ("payments.gateway", "Refused", "refused by the bank")},
    ),
    "shipping.provider": Provider(
        "Carrier",
        "If it hangs, it takes the parcel in half of the calls.",
        {"book": ("shipping.carrier", "Refused", "no driver today")},
    ),
}
