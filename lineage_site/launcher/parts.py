"""Which part of a site is asked for: all of it on one machine, or one part alone of a site that has
many machines.
"""

from typing import NamedTuple

from lineage_site.environment import env


class Part(NamedTuple):
    """children: names of those that it starts; prepared: what `manage.py prepare` is to make ready,
    "all" where it is all of it; web: whether it serves pages.
    """

    name: str
    children: tuple[str, ...]
    prepared: str
    web: bool = False


ALL = Part("all", ("web", "worker", "timer"), "all", web=True)
PARTS = {
    "dev": ALL._replace(name="dev"),
    "web": Part("web", ("web",), "web", web=True),
    "worker": Part("worker", ("worker",), "worker"),
    "timer": Part("timer", ("timer",), "timer"),
    # ends when it is done
    "migrate": Part("migrate", (), "migrate"),
}
# without which the machines of a site know nothing of each other; whoever migrates needs no broker
SHARED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


def asked(arguments: list[str]) -> Part:
    """What the command line asks for; refuses what there is not, and a part that stands alone."""
    if not arguments:
        return ALL
    if len(arguments) > 1 or arguments[0] not in PARTS:
        env.refuse(f"{' '.join(arguments)!r} is no part of the site; there are {', '.join(PARTS)}")
    part = PARTS[arguments[0]]
    if part.prepared != "all" and (missing := [name for name in SHARED if not env.given(name)]):
        env.refuse(
            f"The part {part.name} alone needs {', '.join(missing)}, the same on every machine of"
            " the site."
        )
    return part


def is_alone(part: Part) -> bool:
    """Whether other machines, or other commands, run the rest."""
    return part.prepared != "all"


def own_redis(part: Part) -> bool:
    """Whether a private server is started for it."""
    return not is_alone(part) and not env.given("REDIS_URL")
