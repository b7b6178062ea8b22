"""The OpenTier vocabulary: Turtle files, one topic a file, and the JSON-LD context."""
