"""The tools that people run against a stack, on this machine or on AWS: `python -m tools COMMAND`."""
