"""Starts and stops the emulator: embedded, or another one in a container."""
