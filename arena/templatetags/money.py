"""{{ amount|money }}: an amount as a person reads it."""

from django import template

from agents.money import money

register = template.Library()
register.filter("money", money)
