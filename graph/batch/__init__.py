"""What is asked of all actors at once: who is exposed, how near, how many, by which share."""
