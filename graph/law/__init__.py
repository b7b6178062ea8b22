"""Which laws bind whom, which due diligence is due, and who works on it. Read `obligations` first."""
