"""The only place that knows a triple engine: the embedded one, and what any other must do. Read `engine` first."""
