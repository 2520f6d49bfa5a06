"""The orders in flight and the recent ones: what `make orders` lists."""
