"""What every tool is built on: the console, the target, the stack, its clients, and waiting."""
