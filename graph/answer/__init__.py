"""The answer to a trace in every form: the object that faces print, sentences, tables, graphs. Read `result` first."""
