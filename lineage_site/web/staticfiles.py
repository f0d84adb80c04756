"""Django's static files, minus what Plotly's wheel carries beside the one file we serve."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class StaticFiles(StaticFilesConfig):
    """Collects plotly.min.js without the wheel's data sets, templates and notebook bundle."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "datasets",
        "templates",
        "widgetbundle.js",
    ]
