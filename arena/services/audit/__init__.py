"""Checks the rules of docs/RULES.md on what is stored.

Each check yields a sentence for every row that breaks a rule.
"""
