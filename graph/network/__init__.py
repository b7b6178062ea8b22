"""One release as actors, arcs and designations, read from the store."""
