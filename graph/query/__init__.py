"""SPARQL for users: what may be asked, the processes that answer, the forms of answers, the shipped questions.
Read `sparql` first; a question is a file in `questions/`.
"""
