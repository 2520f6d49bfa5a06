"""The proof that nothing is lost and nothing happens twice: the real handlers in a world that fails on purpose."""
