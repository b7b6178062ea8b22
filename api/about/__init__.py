"""What the service says of itself: whether it is well, what its problems mean, and its description to read and try."""
