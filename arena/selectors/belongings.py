"""What hangs on an experiment or a market, shown before it is deleted."""

from typing import Any

from django.db.models import QuerySet

from agents.models import LineageEdge
from arena.models import BlockState, Experiment, Look, MarketData, NullWorld, Removal, Round, Tried
from arena.people.actions import Action
from arena.people.may import allowed
from arena.selectors.experiments import experiments_visible


def experiment_belongings(*, experiment: Experiment) -> dict[str, Any]:
    """{agents, rounds, trades, scars, children, null_worlds, megabytes, looks, tried, forks}.

    Trades and scars of closed rounds, by what their closes counted. looks and tried stay when it is
    deleted; forks: how many refer to it, directly or through others.
    """
    events = list(Round.objects.filter(experiment=experiment).values_list("events", flat=True))
    counted = {name: sum(each.get(name, 0) for each in events) for name in ("trades", "scars")}
    return {
        "agents": experiment.next_number - 1,
        "rounds": experiment.rounds_done,
        **counted,
        "children": LineageEdge.objects.filter(child__experiment=experiment).count(),
        "null_worlds": (
            NullWorld.objects.filter(experiment=experiment, state=BlockState.DONE).count()
        ),
        "megabytes": round(experiment.stored_bytes / 1e6, 1),
        "looks": Look.objects.filter(experiment=experiment.uuid).count(),
        "tried": sum(
            Tried.objects.filter(experiment=experiment.uuid).values_list("agents", flat=True)
        ),
        "forks": len(descendants(experiment=experiment)),
    }


def experiment_facts(*, belongings: dict[str, Any]) -> list[tuple[str, str]]:
    """What goes with an experiment of `experiment_belongings`, named and in words."""
    names = {
        "agents": "Agents",
        "rounds": "Rounds",
        "trades": "Trades",
        "scars": "Scars",
        "null_worlds": "Null worlds",
    }
    return [(title, f"{belongings[name]:,}") for name, title in names.items()] + [
        ("On the disk", f"{belongings['megabytes']:,.1f} MB")
    ]


def experiment_stays(*, belongings: dict[str, Any]) -> list[str]:
    """What stays when it is deleted, in sentences."""
    forks, tried, looks = belongings["forks"], belongings["tried"], belongings["looks"]
    kept = (
        f"{tried:,} agent{'s' * (tried != 1)} tried and {looks:,} look{'s' * (looks != 1)} at the"
        " vault stay counted"
    )
    said = [f"{kept}: who deletes a run has tried no fewer."]
    if forks:
        whose = "its fork needs" if forks == 1 else f"its {forks:,} forks need"
        said.append(
            f"What {whose} of its files stays until the last fork is deleted; the rounds they share"
            " are theirs."
        )
    return said


def market_facts(*, belongings: dict[str, Any]) -> list[tuple[str, str]]:
    """What a market of `market_belongings` is, named and in words."""
    return [
        ("Bars", f"{belongings['bars']:,}"),
        ("Symbols", f"{belongings['symbols']:,}"),
        ("On the disk", f"{belongings['megabytes']:,.1f} MB"),
    ]


def descendants(*, experiment: Experiment) -> list[Experiment]:
    """Its forks, theirs, and so on, those that are held for others among them."""
    found: list[Experiment] = []
    latest = [experiment.pk]
    while latest:
        rows = list(Experiment.objects.filter(forked_from__in=latest))
        found, latest = found + rows, [row.pk for row in rows]
    return found


def removals_visible(*, user: Any) -> QuerySet[Removal]:
    """Deletions of what was the user's own, all of them for a superuser."""
    return allowed(user, Action.EXPERIMENT_READ, Removal.objects.all())


def market_unshared(*, experiment: Experiment) -> MarketData | None:
    """The experiment's market, where its owner brought it and nothing else hangs on it."""
    market = experiment.market
    others = Experiment.objects.filter(market=market).exclude(pk=experiment.pk).exists()
    hanging = others or market.baskets.exists() or market.copies.exists()
    return (
        None
        if hanging or market.owner_id is None or market.owner_id != experiment.owner_id
        else market
    )


def market_belongings(*, market: MarketData, user: Any) -> dict[str, Any]:
    """{bars, symbols, megabytes, experiments, others, baskets, blocks}: what keeps it from being
    deleted is named, of the user's own.

    experiments: the user's; others: how many of other people; baskets: markets put together of it;
    blocks: drawn from it.
    """
    own = experiments_visible(user=user).filter(market=market)
    return {
        "bars": market.bars,
        "symbols": len(market.symbols),
        "megabytes": round(market.stored_bytes / 1e6, 1),
        "experiments": [row.name for row in own],
        "others": Experiment.objects.filter(market=market).exclude(pk__in=own.values("pk")).count(),
        "baskets": list(market.baskets.values_list("name", flat=True)),
        "blocks": list(market.copies.values_list("name", flat=True)),
    }


def market_needed(*, belongings: dict[str, Any]) -> str:
    """Why a market of `market_belongings` cannot be deleted, "" where it can."""
    kinds = {
        "experiments": "experiments on it",
        "baskets": "markets put together of it",
        "blocks": "blocks drawn from it",
    }
    named = [
        f"{words}: {', '.join(belongings[name][:10])}"
        for name, words in kinds.items()
        if belongings[name]
    ]
    if belongings["others"]:
        named.append(f"{belongings['others']} that are other people's or still being deleted")
    return "; ".join(named)
