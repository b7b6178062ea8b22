"""The pages that a browser is shown, at the addresses at which programs get data; read `route` first.

They ask a view and the routes, and nothing else; templates/ has what they look like, web/ the sources of what they load
(built into static/site by `make web`), static/ what is served.
"""
