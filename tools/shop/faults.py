"""The providers that the console can break, by the modules that put their adapters behind the kernel's guards."""

from tools.shop.provider import Provider

PROVIDERS = {
    "payments.provider": Provider(
        "Payments",
        "When it hangs, it has taken the money as often as not.",
        {"charge": ("payments.gateway", "Refused", "refused by the bank")},
    ),
    "shipping.provider": Provider(
        "Carrier",
        "When it hangs, it has taken the parcel as often as not.",
        {"book": ("shipping.carrier", "Refused", "no driver today")},
    ),
}
