"""The form with which a file of prices becomes a market: the file, what to call it, and what it
does not say itself.
"""

import time
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from arena.prices.files.confined import ReadFile, read_confined
from arena.prices.files.errors import FeedError
from arena.prices.files.limits import UPLOAD
from arena.prices.forms.reading import READING_FIELDS, reading_fields, reading_said
from arena.prices.forms.shown import shown_with


class UploadForm(forms.Form):
    """`file`, read, once it is valid."""

    upload = forms.FileField(
        allow_empty_file=True,
        label="Your file",
        help_text=(
            "CSV, JSON, Parquet or Feather, packed or not: time, open, high, low, close; up to"
            f" {UPLOAD.stored >> 20} MiB."
        ),
    )
    name = forms.CharField(
        required=False,
        max_length=120,
        label="Name",
        help_text="What the list will call it; the symbol or the file if left blank.",
    )
    symbol = forms.CharField(
        required=False,
        max_length=40,
        label="Symbol",
        help_text="What its series is called; as in the file if left blank.",
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            shown_with(field)
        self.fields |= reading_fields()
        self.file: ReadFile | None = None

    def basic(self) -> list[forms.BoundField]:
        """The fields that are always shown."""
        return [self[name] for name in ("upload", "name", "symbol")]

    def reading(self) -> list[forms.BoundField]:
        """Those for what a file does not say itself."""
        return [self[name] for name in READING_FIELDS]

    @property
    def is_open(self) -> bool:
        """Whether those have something to show."""
        return any(field.errors or field.value() for field in self.reading())

    def clean_upload(self) -> UploadedFile:
        upload = self.cleaned_data["upload"]
        try:
            self.file = read_confined(
                upload.file,
                upload.name,
                int(time.time() * 1000),
                reading_said(self.data),
                keep=True,
            )
        except FeedError as error:
            raise forms.ValidationError(error.sentences()) from None
        return upload
