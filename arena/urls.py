"""The arena's addresses; every one needs a login, and an experiment of another user does not
exist.
"""

from django.urls import path

from arena.prices.views import baskets, imports, markets
from arena.views import (
    agents,
    canary,
    champion,
    compare,
    control,
    experiments,
    forks,
    frame,
    jobs,
    learn,
    listing,
    manage,
    proof,
)
from arena.views.people import account, login, tokens

EXPERIMENT = "experiments/<uuid:experiment_uuid>/"
IMPORT = "imports/<uuid:import_uuid>/"
AGENT = EXPERIMENT + "agents/<int:number>/"

urlpatterns = [
    path("", listing.experiment_list, name="experiment_list"),
    path("experiments/chosen/", listing.experiment_chosen, name="experiment_chosen"),
    path("experiments/compare/", compare.experiment_compare, name="experiment_compare"),
    path("jobs/", jobs.job_list, name="job_list"),
    path("jobs.json", jobs.job_rows, name="job_rows"),
    path("login/", login.Login.as_view(), name="login"),
    path("login/code/", login.login_code, name="login_code"),
    path("logout/", login.Logout.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/password/", account.account_password, name="account_password"),
    path("account/second-factor/", account.account_factor, name="account_factor"),
    path("account/second-factor/off/", account.account_factor_off, name="account_factor_off"),
    path("account/sessions/end/", account.account_session_end, name="account_session_end"),
    path("experiments/new/", experiments.experiment_new, name="experiment_new"),
    path("experiments/new/room.json", experiments.experiment_room, name="experiment_room"),
    path("proof/", proof.proof_page, name="proof"),
    path("rules/", learn.rules_page, name="rules"),
    path("terms/", learn.terms_page, name="terms"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("markets/", markets.market_list, name="market_list"),
    path("markets/upload/", markets.market_upload, name="market_upload"),
    path("markets/preview/", markets.market_preview, name="market_preview"),
    path("markets/import/", imports.import_new, name="import_new"),
    path("markets/together/", baskets.basket_new, name="basket_new"),
    path("markets/together/common.json", baskets.basket_common, name="basket_common"),
    path("markets/<int:market_id>/", markets.market_page, name="market_page"),
    path("markets/<int:market_id>/manage/", manage.market_manage, name="market_manage"),
    path("markets/<int:market_id>/accept/", markets.market_accept, name="market_accept"),
    path("markets/<int:market_id>/bars.json", markets.market_candles, name="market_candles"),
    path("markets/<int:market_id>/growth.json", markets.market_growth, name="market_growth"),
    path("markets/<int:market_id>/quote/", markets.market_quote, name="market_quote"),
    path("markets/<int:market_id>/update/", imports.import_update, name="import_update"),
    path(IMPORT, imports.import_page, name="import_page"),
    path(IMPORT + "state.json", imports.import_state, name="import_state"),
    path(IMPORT + "cancel/", imports.import_cancel, name="import_cancel"),
    path(IMPORT + "resume/", imports.import_resume, name="import_resume"),
    path(EXPERIMENT, frame.experiment_live, name="experiment_live"),
    *(
        path(f"{EXPERIMENT}{tab}/", frame.experiment_live, {"tab": tab}, name=frame.route_of(tab))
        for tab in frame.TABS
        if tab != "overview"
    ),
    path(EXPERIMENT + "answer.json", frame.experiment_answer, name="experiment_answer"),
    path(EXPERIMENT + "snapshot", experiments.experiment_snapshot, name="experiment_snapshot"),
    path(EXPERIMENT + "agents/<int:number>/edit", agents.agent_edit, name="agent_edit"),
    path(EXPERIMENT + "lives", experiments.experiment_lives, name="experiment_lives"),
    path(EXPERIMENT + "bands", experiments.experiment_bands, name="experiment_bands"),
    path(
        EXPERIMENT + "waterfall.json", experiments.experiment_waterfall, name="experiment_waterfall"
    ),
    path(EXPERIMENT + "canary.json", canary.experiment_canary, name="experiment_canary"),
    path(EXPERIMENT + "again/", control.experiment_again, name="experiment_again"),
    path(EXPERIMENT + "start/", control.experiment_start, name="experiment_start"),
    path(EXPERIMENT + "pause/", control.experiment_pause, name="experiment_pause"),
    path(EXPERIMENT + "resume/", control.experiment_resume, name="experiment_resume"),
    path(EXPERIMENT + "stop/", control.experiment_stop, name="experiment_stop"),
    path(EXPERIMENT + "judge/", control.experiment_judge, name="experiment_judge"),
    path(EXPERIMENT + "manage/", manage.experiment_manage, name="experiment_manage"),
    path(EXPERIMENT + "clone/", control.experiment_clone, name="experiment_clone"),
    path(EXPERIMENT + "fork/", forks.experiment_fork, name="experiment_fork"),
    path(EXPERIMENT + "champion/", champion.experiment_champion, name="experiment_champion"),
    path(EXPERIMENT + "card.json", champion.experiment_card, name="experiment_card"),
    path(EXPERIMENT + "nulls/", champion.experiment_nulls, name="experiment_nulls"),
    path(
        EXPERIMENT + "nulls/again/", champion.experiment_nulls_again, name="experiment_nulls_again"
    ),
    path(
        EXPERIMENT + "nulls/cancel/",
        champion.experiment_nulls_cancel,
        name="experiment_nulls_cancel",
    ),
    path(EXPERIMENT + "whatif.json", forks.experiment_whatif, name="experiment_whatif"),
    path(AGENT, agents.agent_page, name="agent_page"),
    path(AGENT + "canary.json", canary.agent_canary, name="agent_canary"),
    path(AGENT + "network.json", agents.agent_network, name="agent_network"),
    path(AGENT + "now/", agents.agent_now, name="agent_now"),
    path(AGENT + "market.json", agents.agent_market, name="agent_market"),
]
