"""Charges the card, and undoes the charge."""
