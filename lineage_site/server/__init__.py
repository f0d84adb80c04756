"""The web process: uvicorn with limits of time on every connection, and a socket that several
processes may share.
"""
