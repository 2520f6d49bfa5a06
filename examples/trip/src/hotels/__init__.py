"""Books rooms, and cancels them."""

import saga  # noqa: F401  first of all: it stops the search for garbage while the rest is imported
