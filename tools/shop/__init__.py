"""The shop of this project: the part of the tools that a fork for another business replaces.

The other folders ask it for `commands.app`, for `seed.seed` and `seed.seed_for`, and for what `sample` holds.
"""
