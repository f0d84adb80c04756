"""Checks the laws of RULES.md on what is stored; each check yields a sentence for every row that breaks it."""
