"""A script that calls the API through Django's client, by token."""

from typing import Any

from django.test import Client

from arena.services.people.tokens import token_create

API = "/api/v1"


class Caller:
    """Calls as `user`; answers are (status, JSON)."""

    def __init__(self, user: Any):
        self.client = Client(enforce_csrf_checks=True)
        self.secret = token_create(user=user, name="test")[1]

    def call(self, method: str, path: str, **how: Any) -> tuple[int, Any]:
        answer = getattr(self.client, method)(
            API + path, headers={"Authorization": f"Bearer {self.secret}"}, **how
        )
        return answer.status_code, answer.json()

    def get(self, path: str, **query: Any) -> tuple[int, Any]:
        return self.call("get", path, data=query)

    def post(self, path: str, body: Any = None) -> tuple[int, Any]:
        return self.call(
            "post", path, data={} if body is None else body, content_type="application/json"
        )

    def send(self, path: str, **form: Any) -> tuple[int, Any]:
        return self.call("post", path, data=form)
