"""Takes orders over HTTP and shows how they stand."""
