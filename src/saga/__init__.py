"""The contract of the saga and its mechanics: events, the order record, the bus, the step."""

import gc

# Python looks for garbage after every 700 new objects. Importing makes 120,000 that stay: that search was a seventh of
# a cold start (docs/benchmarks.md).
gc.set_threshold(200_000)
