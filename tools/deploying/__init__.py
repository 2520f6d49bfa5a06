"""Builds, deploys, protects and deletes the stack."""
