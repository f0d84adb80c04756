"""The JSON API under /api/v1/: the same services, selectors and settings schema as the pages, for
scripts.
"""
