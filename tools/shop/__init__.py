"""The shop of this project: the part of the tools that a fork for another business replaces."""
