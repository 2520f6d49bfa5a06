"""What stands in for AWS on this machine: the embedded emulator, or one in a container."""
