"""The admin: agents' traits and experiments' settings are edited through services; everything else
is to be read.
"""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from agents.life.traits import BOUNDS
from agents.models import Agent
from agents.state_field import AmountField
from arena.admin.ledgers import shown_as_money
from arena.errors import WrongState
from arena.forms.admin import AgentForm, ExperimentForm
from arena.models import (
    BlockRun,
    Evaluation,
    Experiment,
    Intervention,
    Job,
    Judgement,
    NullWorld,
    Removal,
    Round,
    Seal,
)
from arena.people.actions import Action
from arena.people.guarded import Guarded, ReadOnlyAdmin, person
from arena.people.may import may
from arena.prices.models import MarketData
from arena.selectors.columns import columns
from arena.services.experiments.interventions import (
    AGENT_FIELDS,
    InterventionError,
    experiment_change,
    intervention_record,
    is_final,
)
from arena.services.removal.removals import experiment_remove, market_remove

LIFE = (
    "experiment",
    "number",
    "slot",
    "state",
    "origin",
    "generation",
    "birth_round",
    "death_round",
    "born_at",
    "died_at",
)
AMOUNTS = {
    f"shown_{field.name}": shown_as_money(field.name, str(field.verbose_name))
    for field in columns()
    if isinstance(field, AmountField)
}
ShownAmounts: Any = type("ShownAmounts", (), AMOUNTS)
MONEY = (
    *AMOUNTS,
    "return_since_birth",
    "max_drawdown",
    "trade_count",
    "bars_lived",
)
# all that has no group of its own
STANDING = tuple(
    field.name
    for field in columns()
    if field.name not in (*LIFE, *MONEY, *AGENT_FIELDS, *BOUNDS)
    and not isinstance(field, AmountField)
)
MADE_OF = (
    *(
        "uuid",
        "owner",
        "market",
        "population",
        "seed",
        "cloned_from",
        "forked_from",
        "forked_after",
        "created_at",
    ),
    *("whole_settings", "environment"),
)

admin.site.site_header = "Lineage"
admin.site.site_title = "Lineage"
admin.site.index_title = "Experiments, agents and their ledgers"
admin.site.disable_action("delete_selected")


class EditedByService(ReadOnlyAdmin):
    """Rows of which a few fields are changed, through a service that may refuse; they are added and
    never deleted.
    """

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return Guarded.has_change_permission(self, request, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A refusal that came after the form was checked, as when two people save at the same
        moment, is shown on the page.
        """
        try:
            return super().changeform_view(request, *args, **kwargs)
        except InterventionError as error:
            self.message_user(request, f"Nothing was saved: {error}.", messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


def rounded(name: str, digits: int) -> Callable[[Any, Any], str]:
    """A column of the list: field `name`, with so many digits after the point."""

    @admin.display(ordering=name, description=name)
    def shown(self: Any, row: Any) -> str:
        value = getattr(row, name)
        return "-" if value is None else f"{value:,.{digits}f}"

    return shown


def _plays_on(agent: Agent) -> bool:
    """Whether an agent has a round before it that an edit could change."""
    return agent.alive and not is_final(experiment=agent.experiment)


@admin.register(Agent)
class AgentAdmin(ShownAmounts, EditedByService):
    """Traits of living agents can be edited, with effect from their next round; the dead can be
    looked at.
    """

    form = AgentForm
    list_display = (
        "number",
        "experiment",
        "state",
        "tier",
        "short_fitness",
        "short_trust",
        "shown_equity",
        "scar_count",
        "trade_count",
    )
    list_display_links = ("number",)
    list_filter = ("state", "origin", "tier", "experiment")
    list_select_related = ("experiment",)
    search_fields = ("=number", "experiment__name")
    search_help_text = "Number of an agent, or name of an experiment"
    ordering = ("-experiment", "number")
    fieldsets = (
        ("Traits, felt from the next round on", {"fields": (*AGENT_FIELDS, "version")}),
        ("Life", {"fields": LIFE}),
        ("Money", {"fields": MONEY}),
        ("Standing", {"fields": STANDING}),
    )
    readonly_fields = (
        *AMOUNTS,
        *(
            field.name
            for field in Agent._meta.fields
            if field.name not in (*AGENT_FIELDS, "version")
        ),
    )

    short_fitness, short_trust = rounded("fitness", 4), rounded("trust", 1)

    def has_change_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        """Only who will play another round can be changed."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or _plays_on(obj))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Who saves an edit of an agent that died in the meantime is warned, and shown what became
        of it.
        """
        agent = (
            self.get_object(request, unquote(object_id))
            if object_id and request.method == "POST"
            else None
        )
        if agent and super().has_change_permission(request, agent) and not _plays_on(agent):
            what = (
                f"its experiment is {agent.experiment.state}"
                if agent.alive
                else f"it died in round {agent.death_round}"
            )
            self.message_user(
                request,
                f"Nothing was saved: agent {agent.number} plays no more rounds, {what}.",
                messages.ERROR,
            )
            return HttpResponseRedirect(request.get_full_path())
        return super().changeform_view(request, object_id, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Agent, form: AgentForm, change: bool) -> None:
        version = form.cleaned_data["version"]
        intervention_record(
            agent=obj,
            who=person(request),
            changes=form.changes(),
            version=version,
            now=timezone.now(),
        )


class DeletedByService(ReadOnlyAdmin):
    """Rows that are deleted through a service, which may refuse; what hangs on them goes in the
    background.
    """

    actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Without what is being deleted."""
        return super().get_queryset(request).filter(removed_at=None)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """That of deleting such rows, though Django's own way of deleting them is shut."""
        return may(request.user, Action.ROW_DELETE, self.model)

    @admin.action(description="Delete with all that hangs on them", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Each, or why not."""
        for row in queryset:
            try:
                self.removed(row, request.user)
            except WrongState as error:
                self.message_user(request, f"{row.name} was not deleted: {error}.", messages.ERROR)
            else:
                self.message_user(
                    request, f"{row.name} is deleted; what hung on it goes in the background."
                )

    def removed(self, row: Any, who: Any) -> None:
        """Delete one. WrongState."""
        raise NotImplementedError


@admin.register(Experiment)
class ExperimentAdmin(DeletedByService, EditedByService):
    """Name, length and a few settings can be edited; state is changed on the experiment's page."""

    form = ExperimentForm
    list_display = (
        "name",
        "owner",
        "state",
        "rounds_done",
        "rounds_planned",
        "population",
        "market",
        "created_at",
        "page",
    )
    list_filter = ("state", "market__data_kind")
    list_select_related = ("owner", "market")
    search_fields = ("name", "uuid", "owner__username")
    search_help_text = "Name, uuid or owner"
    fieldsets = (
        (None, {"fields": ("name", "rounds_planned", "page")}),
        (
            "Settings, felt from the next close of a round on",
            {"fields": ("turnover", "tournament", "strength")},
        ),
        (
            "State",
            {
                "fields": (
                    "state",
                    "state_reason",
                    "rounds_done",
                    "started_at",
                    "finished_at",
                    "state_sha256",
                )
            },
        ),
        ("Money", {"fields": ("shown_treasury", "shown_put_in")}),
        ("Made of", {"fields": MADE_OF}),
    )
    shown_treasury, shown_put_in = shown_as_money("treasury"), shown_as_money("money_put_in")
    readonly_fields = (
        "shown_treasury",
        "shown_put_in",
        "page",
        "whole_settings",
        *(
            field.name
            for field in Experiment._meta.fields
            if field.name not in ("name", "rounds_planned")
        ),
    )

    @admin.display(description="live page")
    def page(self, experiment: Experiment) -> str:
        """Link to the experiment's live page."""
        return format_html(
            '<a href="{}">open</a>', reverse("experiment_live", args=[experiment.uuid])
        )

    @admin.display(description="settings")
    def whole_settings(self, experiment: Experiment) -> str:
        """All settings, indented."""
        return format_html("<pre>{}</pre>", json.dumps(experiment.settings, indent=2))

    def removed(self, row: Experiment, who: Any) -> None:
        experiment_remove(experiment=row, who=who)

    def save_model(
        self, request: HttpRequest, obj: Experiment, form: ExperimentForm, change: bool
    ) -> None:
        experiment_change(
            experiment=obj,
            who=person(request),
            changes=form.changes(),
            seen=form.found(),
            now=timezone.now(),
        )


@admin.register(Round)
class RoundAdmin(ReadOnlyAdmin):
    """Rounds."""

    list_display = (
        "index",
        "experiment",
        "state",
        "reused",
        "opened_at",
        "closed_at",
        "state_sha256",
    )
    list_filter = ("state", "reused", "experiment")
    list_select_related = ("experiment",)
    search_fields = ("experiment__name", "state_sha256")


@admin.register(BlockRun)
class BlockRunAdmin(ReadOnlyAdmin):
    """Blocks of rounds."""

    list_display = (
        "experiment",
        "index",
        "block",
        "state",
        "worker",
        "fence",
        "agent_steps",
        "seconds",
        "done_at",
    )
    list_filter = ("state", "worker")
    list_select_related = ("round__experiment",)
    search_fields = ("round__experiment__name", "worker")
    exclude = ("figures", "actions")

    @admin.display(ordering="round__experiment__name")
    def experiment(self, block: BlockRun) -> str:
        """Name of the block's experiment."""
        return block.round.experiment.name

    @admin.display(description="round", ordering="round__index")
    def index(self, block: BlockRun) -> int:
        """Index of the block's round."""
        return block.round.index


@admin.register(Intervention)
class InterventionAdmin(ReadOnlyAdmin):
    """What people changed."""

    list_display = (
        "at",
        "who",
        "experiment",
        "agent",
        "field",
        "before",
        "after",
        "effective_round",
    )
    list_filter = ("field", "who", "experiment")
    list_select_related = ("who", "experiment", "agent")
    search_fields = ("experiment__name", "=agent__number", "who__username")


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    """Judgements out of sample."""

    list_display = ("experiment", "subject", "agent", "stretch", "after_round", "figures", "at")
    list_filter = ("subject", "stretch", "experiment")
    list_select_related = ("experiment", "agent")
    search_fields = ("experiment__name",)


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyAdmin):
    """Judgements that are waited for, made, or could not be."""

    list_display = ("experiment", "after_round", "state", "reason", "asked_at", "done_at")
    list_filter = ("state", "experiment")
    list_select_related = ("experiment",)
    search_fields = ("experiment__name",)


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Work that is waited for: who holds it, how often it was tried, and what it waits for."""

    list_display = (
        "kind",
        "subject",
        "user",
        "experiment",
        "place",
        "state",
        "attempts",
        "pauses",
        "reason",
        "not_before",
        "worker",
        "since",
    )
    list_filter = ("kind", "state")
    search_fields = ("worker", "reason")


@admin.register(NullWorld)
class NullWorldAdmin(ReadOnlyAdmin):
    """Experiments run again on shuffled markets."""

    list_display = (
        "experiment",
        "index",
        "state",
        "rounds_done",
        "outcome",
        "reason",
        "asked_at",
        "done_at",
    )
    list_filter = ("state", "experiment")
    list_select_related = ("experiment",)
    search_fields = ("experiment__name",)


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    """What hangs on a market: links of the chain beside the rounds."""

    list_display = (
        "market",
        "sequence",
        "experiment",
        "kind",
        "subject",
        "content_sha256",
        "sha256",
    )
    list_filter = ("kind", "market")
    list_select_related = ("market", "experiment")
    search_fields = ("market__name", "experiment__name", "sha256")


@admin.register(MarketData)
class MarketDataAdmin(DeletedByService):
    """Markets."""

    list_display = ("name", "owner", "kind", "symbols", "bars", "source", "created_at", "sha256")
    list_filter = ("data_kind", "simulated")
    list_select_related = ("owner",)
    search_fields = ("name", "symbols", "source", "sha256")

    def removed(self, row: MarketData, who: Any) -> None:
        market_remove(market=row, who=who)


@admin.register(Removal)
class RemovalAdmin(ReadOnlyAdmin):
    """What is being deleted, or was."""

    list_display = (
        "kind",
        "name",
        "owner",
        "who",
        "state",
        "rows",
        "reason",
        "asked_at",
        "done_at",
    )
    list_filter = ("kind", "state")
    list_select_related = ("owner", "who")
    search_fields = ("name", "uuid", "owner__username")
