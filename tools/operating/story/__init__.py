"""The story of one order: what `make trace` tells."""
