"""What this machine and its shell are like: its settings, and what is known to go wrong there."""
