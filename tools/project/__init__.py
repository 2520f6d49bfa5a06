"""What is derived from the code, checked against it, and renamed with it."""
