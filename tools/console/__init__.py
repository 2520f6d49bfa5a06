"""The console in the browser: what the tools know of a deployed stack, live, on one page.

It reads what `make watch`, `orders`, `trace`, `dlq` and `flow` read, and deploys nothing. It knows no order: what is
the shop's it asks of `tools/shop`.
"""
