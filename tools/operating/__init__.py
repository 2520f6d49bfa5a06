"""What an operator sees of a running stack, and does to it."""
