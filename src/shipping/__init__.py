"""Books the shipment."""
