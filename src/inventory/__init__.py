"""Reserves stock, and puts it back."""

import saga  # noqa: F401  first of all: it stops the search for garbage while the rest is imported
