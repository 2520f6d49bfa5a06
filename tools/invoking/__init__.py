"""Runs one function with one event, in a container of this machine or where it is deployed, and tells what it did."""
