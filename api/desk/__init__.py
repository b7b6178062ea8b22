"""The pages on which somebody acts: files that are sent, looked at and decided on step by step, jobs, and signing in.

Each step is an address; what is sent is a form, and is answered with the address of what comes next. Whatever takes
a while is a job, with a page of its own; what is not decided is a draft, which its owner alone can open. Read `jobs`
first.
"""
