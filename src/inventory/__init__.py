"""Reserves stock, and puts it back."""
