"""Forms of people: log-in, code, new password, token."""

from typing import Any

from django import forms
from django.contrib.auth import forms as auth_forms

from arena.people.actions import SCOPE_WORDS, Scope

# longer ones only cost time to hash
LONGEST_PASSWORD = 256
LONGEST_CODE = 40
DAYS = ((7, "a week"), (30, "30 days"), (90, "90 days"), (365, "a year"))


class LoginForm(auth_forms.AuthenticationForm):
    """Name and password, neither of them without end."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        _bound(self.fields["password"])


class CodeForm(forms.Form):
    """A code of the second factor, or a recovery code."""

    code = forms.CharField(
        max_length=LONGEST_CODE,
        label="Code",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class OwnPasswordForm(forms.Form):
    """One's password, where being logged in is not enough."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(auth_forms.PasswordChangeForm):
    """The old password, and a new one twice."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        for field in self.fields.values():
            _bound(field)


class TokenForm(forms.Form):
    """What a token is for, what it is good for, and for how long."""

    name = forms.CharField(
        max_length=80,
        label="What it is for",
        widget=forms.TextInput(attrs={"placeholder": "notebook"}),
    )
    scopes = forms.MultipleChoiceField(
        choices=[
            (scope.value, words) for scope, words in SCOPE_WORDS.items() if scope != Scope.READ
        ],
        required=False,
        label="Besides reading what is yours, it may",
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(choices=DAYS, coerce=int, initial=90, label="It ends after")


def _bound(field: forms.Field) -> None:
    """A password of at most so many characters, said by the browser and held by the form."""
    if isinstance(field, forms.CharField):
        field.max_length = LONGEST_PASSWORD
    field.widget.attrs["maxlength"] = str(LONGEST_PASSWORD)
    field.validators.append(forms.CharField(max_length=LONGEST_PASSWORD).validators[0])
