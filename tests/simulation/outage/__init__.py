"""A model of AWS at scale: the real handlers on Lambda and EventBridge as these are under load, under a virtual clock.

It knows no order; `tests/simulation/shop/outage` puts the shop's handlers and providers into it. What it takes for
granted of AWS stands in `assumptions`, each with its source.
"""
