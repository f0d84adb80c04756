"""Forks: a new experiment that shares another's history up to a round, and goes on from there with
other settings.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from arena.models import BlockRun, Experiment, ExperimentState, Intervention, Round, RoundState
from arena.selectors.machine import keeping
from arena.selectors.machine.room import REMEDY, NoRoom, room_check, room_of_start
from arena.selectors.settings_as_of import rounds_planned_as_of, settings_as_of
from arena.services.experiments.lifecycle import environment
from arena.services.experiments.market_choice import volume_check
from arena.services.records.notifications import list_notify
from arena.services.records.storage import storage_add, storage_measured, storage_refusal
from arena.settings_schema import Settings, SettingsError, known_keys, parse
from arena.store import agents as agent_rows
from arena.store import blocks, files, history
from arena.store.population import Stored, population_read
from ml.checkpoint import CheckpointError

# what the shared history is made of: another population, network or memory would not fit its files,
# and other windows would let agents compete on bars they have practised on
FIXED_SECTIONS = ("market", "network", "evaluation")
FIXED_KEYS = ("population", "seed", "round_bars", "learning.replay")
FORKABLE = tuple(
    key
    for key in known_keys()
    if key.partition(".")[0] not in FIXED_SECTIONS and key not in FIXED_KEYS
)


class ForkError(ValueError):
    """A fork that cannot be made; the text says why and what can be."""


def fork_rounds(*, experiment: Experiment) -> list[int]:
    """Rounds after which a fork can begin, rising: closed, not the end, and their memories kept."""
    ended = experiment.state in (ExperimentState.FINISHED, ExperimentState.EXTINCT)
    done = experiment.rounds_done
    kept = (
        index
        for index in range(done - ended)
        if keeping.is_kept(index, done, experiment.population, experiment.keep_every)
    )
    return [index for index in kept if _is_stored(experiment, index)]


def fork_settings(*, experiment: Experiment, after_round: int) -> Settings:
    """The settings as they stood when round `after_round` was closed, its number of rounds among
    them.
    """
    raw = settings_as_of(experiment=experiment, index=after_round + 1)
    return parse(
        raw | {"rounds": rounds_planned_as_of(experiment=experiment, index=after_round + 1)}
    )


def experiment_fork(
    *, experiment: Experiment, after_round: int, name: str, changes: Mapping[str, Any], owner: Any
) -> Experiment:
    """A draft that has played rounds 0 to `after_round` as `experiment` did. changes: {dotted key
    of FORKABLE: value}.

    Rows are copied, so that a fork is a whole experiment. Of the files, the last shared round's are
    copied, because the original forgets memories; the fork points to the older ones, which stay as
    long as it does. ForkError for a round that cannot be forked after; SettingsError names each key
    that may not change or has a bad value.
    """
    if words := storage_refusal(owner=owner):
        raise ForkError(words)
    _check_round(experiment, after_round)
    before = fork_settings(experiment=experiment, after_round=after_round)
    settings = changed(before, changes)
    volume_check(market=experiment.market, settings=settings)
    try:
        room_check(needed=room_of_start(experiment=experiment))
    except NoRoom as error:
        raise ForkError(
            f"{experiment.name} cannot be forked: {error} on the server; {REMEDY}"
        ) from None
    if settings.rounds < after_round + 2:
        raise SettingsError(
            {
                "rounds": (
                    f"must be at least {after_round + 2}: {after_round + 1} are played, and a fork"
                    " plays one more"
                )
            }
        )
    fork = _row(experiment, after_round, name, before, settings, owner)
    stems = _copy_files(fork, experiment, after_round)
    try:
        with transaction.atomic():
            _copy_rows(fork, experiment, after_round, before, stems)
    except BaseException:
        files.remove(
            *(stem + ending for stem in stems.values() for ending in (files.WEIGHTS, files.MEMORY))
        )
        raise
    storage_add(experiment_id=fork.pk, size=storage_measured(experiment=fork))
    return fork


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """`settings` with `changes` upon them; SettingsError."""
    refused = {key: "cannot be changed in a fork" for key in changes if key not in FORKABLE}
    if refused:
        raise SettingsError(refused)
    raw = settings.model_dump(mode="json")
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        (raw[section] if section else raw)[name] = value
    return parse(raw)


def difference(before: Settings, after: Settings) -> dict[str, list[Any]]:
    """{dotted key: [before, after]} of what is not the same."""
    found = {key: [_value(before, key), _value(after, key)] for key in known_keys()}
    return {key: pair for key, pair in found.items() if pair[0] != pair[1]}


def _value(settings: Settings, key: str) -> Any:
    section, _, name = key.rpartition(".")
    return getattr(getattr(settings, section) if section else settings, name)


def _check_round(experiment: Experiment, after_round: int) -> None:
    possible = fork_rounds(experiment=experiment)
    if after_round in possible:
        return
    if not possible:
        raise ForkError(
            f"{experiment.name} cannot be forked yet: no round is closed that another could follow"
        )
    near = sorted(
        {
            max([index for index in possible if index < after_round], default=possible[0]),
            _above(possible, after_round),
        }
    )
    nearest = " or ".join(str(index) for index in near)
    if not 0 <= after_round < experiment.rounds_done:
        raise ForkError(f"round {after_round} is not closed; fork after round {nearest}")
    raise ForkError(
        f"a fork cannot begin after round {after_round}: its memories are gone, or it was the last;"
        f" fork after round {nearest}"
    )


def _above(possible: Sequence[int], index: int) -> int:
    return min([each for each in possible if each > index], default=possible[-1])


def _is_stored(experiment: Experiment, index: int) -> bool:
    stems = BlockRun.objects.filter(round__experiment=experiment, round__index=index).values_list(
        "checkpoint", flat=True
    )
    return bool(stems) and all(files.exists(stem + files.MEMORY) for stem in stems)


def _row(
    experiment: Experiment,
    after_round: int,
    name: str,
    before: Settings,
    settings: Settings,
    owner: Any,
) -> Experiment:
    """The fork's row, not saved yet."""
    last = Round.objects.get(experiment=experiment, index=after_round, state=RoundState.CLOSED)
    return Experiment(
        uuid=uuid.uuid4(),
        name=name.strip()[:120] or f"{experiment.name[:100]} (fork after {after_round})",
        owner=owner,
        market=experiment.market,
        settings=settings.model_dump(mode="json"),
        tags=experiment.tags,
        seed=settings.seed,
        population=experiment.population,
        keep_every=experiment.keep_every,
        rounds_planned=settings.rounds,
        rounds_done=after_round + 1,
        forked_from=experiment,
        forked_after=after_round,
        forked_changes=difference(before, settings),
        treasury=last.ledger["treasury"],
        money_put_in=last.ledger["money_put_in"],
        state_sha256=last.state_sha256,
        environment=environment() | {"block_size": experiment.environment["block_size"]},
        created_at=timezone.now(),
    )


def _copy_files(fork: Experiment, experiment: Experiment, after_round: int) -> dict[int, str]:
    """{block: stem} of the fork's own copies of the last shared round. ForkError where one of the
    files is damaged or gone.
    """
    runs = BlockRun.objects.filter(round__experiment=experiment, round__index=after_round).order_by(
        "block"
    )
    stems = {
        run.block: files.block_stem(fork.uuid, after_round, run.block, run.fence) for run in runs
    }
    try:
        for run in runs:
            blocks.block_copy(blocks.Saved(run.checkpoint, run.checkpoint_sha256), stems[run.block])
    except CheckpointError as error:
        files.remove(
            *(stem + ending for stem in stems.values() for ending in (files.WEIGHTS, files.MEMORY))
        )
        raise ForkError(f"a fork cannot begin after round {after_round}: {error}") from None
    return stems


def _copy_rows(
    fork: Experiment, original: Experiment, after: int, before: Settings, stems: Mapping[int, str]
) -> None:
    if Experiment.objects.filter(pk=original.pk, removed_at__isnull=False).exists():
        raise ForkError(f"{original.name} was deleted meanwhile")
    fork.save()
    history.history_copy(original_id=original.pk, fork_id=fork.pk, after=after)
    for block, stem in stems.items():
        BlockRun.objects.filter(round__experiment=fork, round__index=after, block=block).update(
            checkpoint=stem
        )
    last = fork.rounds.get(index=after)
    agents = population_read(Stored(last.close_file, last.close_sha256)).agents
    agent_rows.edits_apply(agents, experiment_id=fork.pk, index=after + 1)
    history.agents_restore(agents, fork_id=fork.pk, settings=before, retiring=_retiring(fork))
    fork.next_number = fork.agents.aggregate(last=Max("number"))["last"] + 1
    fork.save(update_fields=["next_number"])
    list_notify(experiment=fork)


def _retiring(fork: Experiment) -> frozenset[int]:
    """Numbers of those whom the last word of a person on it asked to retire."""
    words = (
        Intervention.objects.filter(experiment=fork, field="retire")
        .order_by("pk")
        .values_list("agent__number", "after")
    )
    return frozenset(number for number, after in dict(words).items() if after == "yes")
