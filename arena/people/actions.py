"""What can be done, and who may: the one table that every door asks."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a token is good for; a session is good for everything its user may."""

    READ = "read"
    EXPERIMENTS = "experiments"
    MARKETS = "markets"


# what the page of tokens calls them
SCOPE_WORDS = {
    Scope.READ: "read what is yours",
    Scope.EXPERIMENTS: "create, start, stop and judge experiments",
    Scope.MARKETS: "bring markets and put them together",
}


class Relation(StrEnum):
    """What an active user is to the object of an action; its maker owns what is new."""

    OWNER = "owner"
    OTHER = "other"
    STAFF = "staff with the right"
    SUPERUSER = "superuser"


class Action(StrEnum):
    """Subject, then verb."""

    EXPERIMENT_READ = "experiment.read"
    EXPERIMENT_CHANGE = "experiment.change"
    EXPERIMENT_COPY = "experiment.copy"
    EXPERIMENT_CREATE = "experiment.create"
    MARKET_READ = "market.read"
    MARKET_CHANGE = "market.change"
    MARKET_MANAGE = "market.manage"
    MARKET_BRING = "market.bring"
    MARKET_LOOK = "market.look"
    IMPORT_READ = "import.read"
    IMPORT_CHANGE = "import.change"
    SITE_READ = "site.read"
    SITE_HEALTH = "site.health"
    ACCOUNT_CHANGE = "account.change"
    TOKEN_MAKE = "token.make"
    TOKEN_REVOKE = "token.revoke"
    SESSION_END = "session.end"
    ADMIN_ENTER = "admin.enter"
    ROW_VIEW = "row.view"
    ROW_ADD = "row.add"
    ROW_CHANGE = "row.change"
    ROW_DELETE = "row.delete"
    USER_RESET = "user.reset"


@dataclass(frozen=True)
class AccessRule:
    """Relations that may, and what a token needs to be good for; scope None: no token may, whatever
    it is good for.
    """

    who: frozenset[Relation]
    scope: Scope | None


# columns of the table below
_COLUMNS = tuple(Relation)


def _rule(marks: str, scope: Scope | None = None) -> AccessRule:
    return AccessRule(
        frozenset(
            relation for relation, mark in zip(_COLUMNS, marks.split(), strict=True) if mark == "+"
        ),
        scope,
    )


RULES: dict[Action, AccessRule] = {
    # .                               owner other staff superuser
    Action.EXPERIMENT_READ: _rule("     +     .     .     + ", Scope.READ),
    Action.EXPERIMENT_CHANGE: _rule("   +     .     .     + ", Scope.EXPERIMENTS),
    Action.EXPERIMENT_COPY: _rule("     +     .     .     + ", Scope.EXPERIMENTS),
    Action.EXPERIMENT_CREATE: _rule("   +     .     .     + ", Scope.EXPERIMENTS),
    Action.MARKET_READ: _rule("         +     .     .     + ", Scope.READ),
    Action.MARKET_CHANGE: _rule("       +     .     .     + ", Scope.MARKETS),
    # its name, its place in lists, its end: for who brought it, not for who only runs on it
    Action.MARKET_MANAGE: _rule("       +     .     .     + ", Scope.MARKETS),
    Action.MARKET_BRING: _rule("        +     .     .     + ", Scope.MARKETS),
    Action.MARKET_LOOK: _rule("         +     .     .     + ", Scope.READ),
    Action.IMPORT_READ: _rule("         +     .     .     + ", Scope.READ),
    Action.IMPORT_CHANGE: _rule("       +     .     .     + ", Scope.MARKETS),
    # pages that are the same for everybody who is logged in
    Action.SITE_READ: _rule("           +     +     +     + ", Scope.READ),
    Action.SITE_HEALTH: _rule("         .     .     +     + "),
    # one's own password, second factor and sessions
    Action.ACCOUNT_CHANGE: _rule("      +     .     .     . "),
    Action.TOKEN_MAKE: _rule("          +     .     .     + "),
    Action.TOKEN_REVOKE: _rule("        +     .     +     + "),
    Action.SESSION_END: _rule("         +     .     +     + "),
    # the admin; what the right of a row is called, Django says: app.verb_model
    Action.ADMIN_ENTER: _rule("         .     .     +     + "),
    Action.ROW_VIEW: _rule("            .     .     +     + "),
    Action.ROW_ADD: _rule("             .     .     +     + "),
    Action.ROW_CHANGE: _rule("          .     .     +     + "),
    Action.ROW_DELETE: _rule("          .     .     +     + "),
    # end another's sessions and tokens, take back a second factor
    Action.USER_RESET: _rule("          .     .     +     + "),
}
