"""The OpenTier SHACL shapes: Turtle files, one topic a file, every shape named."""
