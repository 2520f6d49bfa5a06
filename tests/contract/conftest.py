"""The contract tests run the functions in the stack of the unit tests."""

from tests.unit.fixtures import clock, context, deployed_stack, stack

__all__ = ["clock", "context", "deployed_stack", "stack"]
