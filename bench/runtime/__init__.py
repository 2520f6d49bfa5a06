"""Lambda's runtime on this machine, without a container: what a cold start is measured in."""
