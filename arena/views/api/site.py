"""The API itself: its addresses, its documentation page, who may call and what a problem looks
like.
"""

from ninja import NinjaAPI

from arena.views.access import page
from arena.views.api import agents, experiments, markets, storage
from arena.views.api.auth import Session, Token
from arena.views.api.documentation import Documentation
from arena.views.api.problems import answer_problems
from arena.views.api.reading import Reader
from arena.views.api.writing import Json

TEXT = """The same experiments, markets and settings as on the pages.

Call with `Authorization: Bearer TOKEN` (make one under *Account*, *Tokens*), or from a page of this
site with its session. What is somebody else's does not exist. Problems are
`application/problem+json`; those of settings name each key, its range and the nearest valid
name."""

api = NinjaAPI(
    title="Lineage",
    version="1",
    description=TEXT,
    auth=[Token(), Session()],
    parser=Reader(),
    renderer=Json(),
    docs=Documentation(),
    docs_decorator=page,
    urls_namespace="api",
)
api.add_router("/markets", markets.router)
api.add_router("/experiments", experiments.router)
api.add_router("/experiments", agents.router)
api.add_router("/storage", storage.router)
answer_problems(api)
