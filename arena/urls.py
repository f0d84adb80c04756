"""The arena's addresses; every one needs a login, and an experiment of somebody else does not exist."""

from django.urls import path

from arena.views import agents, canary, control, experiments, forks, login, markets, proof, tokens

EXPERIMENT = "experiments/<uuid:experiment_uuid>/"
AGENT = EXPERIMENT + "agents/<int:number>/"

urlpatterns = [
    path("", experiments.experiment_list, name="experiment_list"),
    path("login/", login.Login.as_view(), name="login"),
    path("logout/", login.Logout.as_view(), name="logout"),
    path("experiments/new/", experiments.experiment_new, name="experiment_new"),
    path("proof/", proof.proof_page, name="proof"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("markets/preview/", markets.market_preview, name="market_preview"),
    path(EXPERIMENT, experiments.experiment_live, name="experiment_live"),
    path(EXPERIMENT + "snapshot.json", experiments.experiment_snapshot, name="experiment_snapshot"),
    path(EXPERIMENT + "canary.json", canary.experiment_canary, name="experiment_canary"),
    path(EXPERIMENT + "start/", control.experiment_start, name="experiment_start"),
    path(EXPERIMENT + "pause/", control.experiment_pause, name="experiment_pause"),
    path(EXPERIMENT + "resume/", control.experiment_resume, name="experiment_resume"),
    path(EXPERIMENT + "stop/", control.experiment_stop, name="experiment_stop"),
    path(EXPERIMENT + "clone/", control.experiment_clone, name="experiment_clone"),
    path(EXPERIMENT + "fork/", forks.experiment_fork, name="experiment_fork"),
    path(EXPERIMENT + "whatif.json", forks.experiment_whatif, name="experiment_whatif"),
    path(AGENT, agents.agent_page, name="agent_page"),
    path(AGENT + "canary.json", canary.agent_canary, name="agent_canary"),
    path(AGENT + "network.json", agents.agent_network, name="agent_network"),
    path(AGENT + "market.json", agents.agent_market, name="agent_market"),
]
