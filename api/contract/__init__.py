"""What routes take and give, and how that is described: forms, parts of lists, filters. Read `described` first."""
