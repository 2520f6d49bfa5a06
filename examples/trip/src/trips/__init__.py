"""Takes trips over HTTP and shows their progress."""

import saga  # noqa: F401  first of all: it stops the search for garbage while the rest is imported
