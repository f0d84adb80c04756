"""The database as it was before a migration, for tests of what migrations make of stored rows."""

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from agents.ledger import refuse_no_changes

Targets = list[tuple[str, str]]


def migrated(targets: Targets) -> Apps:
    """Go there, forward or back; models as they are there."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


def newest() -> Apps:
    """Go to where all else expects the schema, without the guard that would keep tests from
    emptying it.
    """
    apps = migrated(MigrationExecutor(connection).loader.graph.leaf_nodes())
    refuse_no_changes(connection, "arena_securityevent")
    return apps
