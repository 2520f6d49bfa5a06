"""A payment provider that is away, at scale: the shop's handlers and recovery in the model of AWS under load."""
