"""What is known beside designations: incidents, and likelihoods, which are never one; where a trace meets them. It
reads the release and a finished trace, and changes nothing of its answer. Read `beside` first.
"""
