"""What a browser is shown: templates and static files."""
