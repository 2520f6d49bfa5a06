"""A live tail of the bus: each event as it passes."""
