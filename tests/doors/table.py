"""Who gets in where: what is expected at every door, by its name. A door without a row fails by
name.
"""

# how an answer is read: let in, sent to the log-in, asked who one is, refused, or answered that
# there is no such thing
IN, LOGIN, WHO, NO, NOTHING = "in", "log-in", "who?", "no", "nothing"
_LETTERS = {"I": IN, "L": LOGIN, "W": WHO, "F": NO, "N": NOTHING}

# the columns of the patterns below
PEOPLE = ("anonymous", "inactive", "owner", "other", "staff", "staff with rights", "superuser")


def _pattern(letters: str) -> dict[str, str]:
    return dict(zip(PEOPLE, (_LETTERS[letter] for letter in letters.split()), strict=True))


# .                  anonymous inactive owner other staff with-rights superuser
OPEN = _pattern("         I        I      I     I     I       I          I")
AWAY = _pattern("         L        L      L     L     L       L          L")
ANYBODYS = _pattern("     L        L      I     I     I       I          I")
ANYBODYS_DATA = _pattern("W        W      I     I     I       I          I")
OWN = _pattern("          L        L      I     N     N       N          I")
OWN_DATA = _pattern("     W        W      I     N     N       N          I")
STAFFS = _pattern("       L        L      L     L     I       I          I")
GRANTED = _pattern("      L        L      L     L     F       I          I")
REFUSED = _pattern("      L        L      L     L     F       F          F")
MISSING = _pattern("      L        L      L     L     N       N          N")
APP = _pattern("          L        L      L     L     N       I          I")
DOCS = ANYBODYS

# name (its pattern where it has none): methods, who gets in
ROUTES = {
    "healthz": ("GET", OPEN),
    "readyz": ("GET", OPEN),
    "metrics": ("GET", _pattern("F F F F I I I")),
    "favicon.ico": ("GET", OPEN),
    "experiment_list": ("GET", ANYBODYS),
    "login": ("GET POST", OPEN),
    "login_code": ("GET POST", AWAY),
    "logout": ("POST", AWAY),
    "account": ("GET", ANYBODYS),
    "account_password": ("GET POST", ANYBODYS),
    "account_factor": ("GET POST", ANYBODYS),
    "account_factor_off": ("GET POST", ANYBODYS),
    "account_session_end": ("POST", ANYBODYS),
    "experiment_new": ("GET POST", ANYBODYS),
    "experiment_chosen": ("POST", ANYBODYS),
    "experiment_compare": ("GET", ANYBODYS),
    "job_list": ("GET", ANYBODYS),
    "job_rows": ("GET", ANYBODYS_DATA),
    "experiment_room": ("POST", ANYBODYS_DATA),
    "proof": ("GET", ANYBODYS),
    "rules": ("GET", ANYBODYS),
    "terms": ("GET", ANYBODYS),
    "tokens": ("GET POST", ANYBODYS),
    "market_list": ("GET", ANYBODYS),
    "market_upload": ("POST", ANYBODYS),
    "market_preview": ("POST", ANYBODYS_DATA),
    "import_new": ("GET POST", ANYBODYS),
    "basket_new": ("GET POST", ANYBODYS),
    "basket_common": ("POST", ANYBODYS_DATA),
    "market_page": ("GET", OWN),
    "market_manage": ("GET POST", OWN),
    "market_accept": ("POST", OWN),
    "market_candles": ("GET", OWN_DATA),
    "market_growth": ("GET", OWN_DATA),
    "market_quote": ("POST", OWN_DATA),
    "import_update": ("POST", OWN),
    "import_page": ("GET", OWN),
    "import_state": ("GET", OWN_DATA),
    "import_cancel": ("POST", OWN),
    "import_resume": ("POST", OWN),
    "experiment_live": ("GET", OWN),
    "experiment_population": ("GET", OWN),
    "experiment_lineage": ("GET", OWN),
    "experiment_agent": ("GET", OWN),
    "experiment_money": ("GET", OWN),
    "experiment_evidence": ("GET", OWN),
    "experiment_settings": ("GET", OWN),
    "experiment_answer": ("GET", OWN_DATA),
    "experiment_snapshot": ("GET", OWN_DATA),
    "agent_edit": ("GET POST", OWN_DATA),
    "experiment_lives": ("GET", OWN_DATA),
    "experiment_bands": ("GET", OWN_DATA),
    "experiment_waterfall": ("GET", OWN_DATA),
    "experiment_canary": ("GET", OWN_DATA),
    "experiment_start": ("POST", OWN),
    "experiment_pause": ("POST", OWN),
    "experiment_resume": ("POST", OWN),
    "experiment_stop": ("POST", OWN),
    "experiment_judge": ("POST", OWN),
    "experiment_again": ("POST", OWN),
    "experiment_manage": ("GET POST", OWN),
    "experiment_clone": ("POST", OWN),
    "experiment_fork": ("GET POST", OWN),
    "experiment_champion": ("GET", OWN),
    "experiment_card": ("GET", OWN_DATA),
    "experiment_nulls": ("POST", OWN),
    "experiment_nulls_again": ("POST", OWN),
    "experiment_nulls_cancel": ("POST", OWN),
    "experiment_whatif": ("GET", OWN_DATA),
    "agent_page": ("GET", OWN),
    "agent_canary": ("GET", OWN_DATA),
    "agent_network": ("GET", OWN_DATA),
    "agent_now": ("POST", OWN_DATA),
    "agent_market": ("GET", OWN_DATA),
    "api:openapi-json": ("GET", DOCS),
    "api:openapi-view": ("GET", DOCS),
    "admin:index": ("GET", STAFFS),
    "admin/login/": ("GET", _pattern("L L F F F F F")),
    "admin:login": ("GET", _pattern("L L F F F F F")),
    "admin/password_change/": ("GET", OPEN),
    "admin:password_change": ("GET", OPEN),
    "admin:password_change_done": ("GET", STAFFS),
    "admin:logout": ("POST", OPEN),
    "admin:autocomplete": ("GET", _pattern("L L L L F F F")),
    "admin:jsi18n": ("GET", STAFFS),
    "admin:view_on_site": ("GET", MISSING),
    "admin:app_list": ("GET", APP),
    "admin/(?P<url>.*)$": ("GET", MISSING),
    "admin:auth_user_password_change": ("GET POST", GRANTED),
}
PATHS = {"admin:app_list": "/admin/arena/", "admin/(?P<url>.*)$": "/admin/nothing/"}

# what staff with the rights may do to the rows of a model in the admin, besides looking at them
_LOOK: tuple[str, ...] = ()
MODELS = {
    "agents.agent": ("change",),
    "agents.trade": _LOOK,
    "agents.scar": _LOOK,
    "agents.lineageedge": _LOOK,
    "auth.user": ("add", "change", "delete"),
    "auth.group": ("add", "change", "delete"),
    "arena.acceptance": _LOOK,
    "arena.apitoken": ("delete",),
    "arena.basketrenewal": _LOOK,
    "arena.blockrun": _LOOK,
    "arena.candlepage": _LOOK,
    "arena.evaluation": _LOOK,
    "arena.experiment": ("change",),
    "arena.intervention": _LOOK,
    "arena.job": _LOOK,
    "arena.judgement": _LOOK,
    "arena.lastquote": _LOOK,
    "arena.marketdata": _LOOK,
    "arena.marketimport": _LOOK,
    "arena.nullworld": _LOOK,
    "arena.providerkey": ("add", "change", "delete"),
    "arena.providerstate": _LOOK,
    "arena.removal": _LOOK,
    "arena.round": _LOOK,
    "arena.seal": _LOOK,
    "arena.securityevent": _LOOK,
    "arena.seensession": _LOOK,
}
# actions on rows that are chosen in a list, for staff with the rights and for a superuser; nobody
# else has any
ACTIONS = {
    "auth.user": {"end_everything", "reset_second_factor"},
    "arena.apitoken": {"revoke"},
    "arena.experiment": {"remove"},
    "arena.marketdata": {"remove"},
    "arena.seensession": {"end"},
}

# operations of the API: what a token must be good for, and whether the thing asked for is
# somebody's
READ, EXPERIMENTS, MARKETS = "read", "experiments", "markets"
OPERATIONS = {
    "GET /markets": (READ, False),
    "POST /markets": (MARKETS, False),
    "PATCH /markets/{market_id}": (MARKETS, True),
    "GET /markets/{market_id}/belongings": (MARKETS, True),
    "DELETE /markets/{market_id}": (MARKETS, True),
    "POST /markets/{market_id}/accept-jumps": (MARKETS, True),
    "POST /markets/preview": (READ, False),
    "POST /markets/together": (MARKETS, False),
    "POST /markets/together/preview": (READ, False),
    "GET /experiments": (READ, False),
    "POST /experiments": (EXPERIMENTS, False),
    "POST /experiments/seeds": (EXPERIMENTS, False),
    "POST /experiments/estimate": (READ, False),
    "GET /storage": (READ, False),
    "GET /storage/removals": (READ, False),
    "PATCH /experiments/{experiment_uuid}": (EXPERIMENTS, True),
    "GET /experiments/{experiment_uuid}/belongings": (READ, True),
    "DELETE /experiments/{experiment_uuid}": (EXPERIMENTS, True),
    "POST /experiments/{experiment_uuid}/again": (EXPERIMENTS, True),
    "GET /experiments/{experiment_uuid}": (READ, True),
    "POST /experiments/{experiment_uuid}/start": (EXPERIMENTS, True),
    "POST /experiments/{experiment_uuid}/pause": (EXPERIMENTS, True),
    "POST /experiments/{experiment_uuid}/resume": (EXPERIMENTS, True),
    "POST /experiments/{experiment_uuid}/stop": (EXPERIMENTS, True),
    "POST /experiments/{experiment_uuid}/judge": (EXPERIMENTS, True),
    "GET /experiments/{experiment_uuid}/snapshot": (READ, True),
    "GET /experiments/{experiment_uuid}/evaluations": (READ, True),
    "GET /experiments/{experiment_uuid}/champion": (READ, True),
    "GET /experiments/{experiment_uuid}/agents": (READ, True),
    "GET /experiments/{experiment_uuid}/agents/{number}": (READ, True),
    "GET /experiments/{experiment_uuid}/trades": (READ, True),
}
# bodies that are right, or the answer would be about them
BODIES = {
    "POST /experiments": {"name": "mine", "settings": {"rounds": 5}},
    "POST /experiments/seeds": {"name": "mine", "settings": {"rounds": 5}, "seeds": [1, 2]},
    "POST /experiments/estimate": {"name": "mine", "settings": {"rounds": 5}},
    "PATCH /experiments/{experiment_uuid}": {"name": "other"},
    "PATCH /markets/{market_id}": {"name": "other"},
    "POST /markets/together": {"name": "both", "parts": ["ibm_daily", "aapl_daily"]},
    "POST /markets/together/preview": {"name": "both", "parts": ["ibm_daily", "aapl_daily"]},
}

# sockets: who is let in
SOCKETS = {
    "socket_list": {"owner", "other", "staff", "staff with rights", "superuser"},
    "socket_experiment": {"owner", "superuser"},
    "socket_nowhere": set(),
}
# what messages of the queue set off; no user stands behind them: they carry numbers and look at
# rows
TASKS = {"take_turn", "reap"}
