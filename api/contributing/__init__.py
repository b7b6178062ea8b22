"""The pages on which a file becomes a dataset, step by step, or a version of one is withdrawn.

Read `steps` first.
"""
