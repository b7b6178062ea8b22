"""Pages of what States and others do: laws, initiatives, data points, and what is known of a country; read `laws`."""
