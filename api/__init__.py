"""The faces of OpenTier: the HTTP service and the command line."""
