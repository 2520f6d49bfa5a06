"""What runs on a developer's machine."""
