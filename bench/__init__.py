"""What the saga costs and how fast it is, each figure beside a baseline that was measured in the same run."""
