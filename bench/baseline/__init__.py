"""The choreography that order-saga is measured against, as most tutorials show it."""
