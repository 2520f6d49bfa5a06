"""The contract of the saga and its mechanics: events, the order record, the bus, the step."""
