"""What a view knows of one country, actor or place, for pages, each statement with its source. Read `country`."""
