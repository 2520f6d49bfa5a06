"""The shop of this project: the part of the tools that a fork for another business replaces.

The other folders ask it for `commands.app`, `seed.seed` and `seed.seed_for`, `openapi.document` and `examples.ADDED`.
"""
