"""The graph for assistants: a server of the Model Context Protocol, which reads and changes nothing.

It stands on the library alone, as the command line does, and knows no HTTP. Read `tools` first.
"""
