"""What every tool stands on: the console, the target, the stack, and how to wait."""
