"""Takes orders over HTTP and shows how they stand."""

import saga  # noqa: F401  first of all: it stops the search for garbage while the rest is imported
