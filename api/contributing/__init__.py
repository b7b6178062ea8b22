"""The pages on which a file becomes a dataset (sent, understood, checked, admitted), or a version is withdrawn.

Read `steps` first.
"""
