"""Secrets stay secret."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.kernel.messages import Command
from dms_workbench.kernel.secrets import HIDDEN, Secret
from dms_workbench.kernel.wire import redacted, schema, to_json, validate, without_passwords

PASSWORD = "correct-horse"


class KeepSecret(Command[Secret[str]], route="POST /tests/secrets", scope="tokens:own"):
    """Keep a secret.

    password: the secret.
    url: where it is used.
    """

    password: Secret[str]
    url: str = ""


def test_a_secret_is_not_shown() -> None:
    secret = Secret(PASSWORD)
    assert PASSWORD not in f"{secret} {secret!r} {[secret]} {KeepSecret(secret)}"
    assert secret.reveal() == PASSWORD


def test_a_secret_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(PASSWORD))
    with pytest.raises(TypeError):
        copy.deepcopy(KeepSecret(Secret(PASSWORD)))


def test_a_secret_is_equal_to_the_same_secret_only() -> None:
    assert Secret(PASSWORD) == Secret(PASSWORD)
    assert Secret(PASSWORD) != Secret("other")
    assert Secret(PASSWORD) != PASSWORD
    assert not Secret("")
    assert len({Secret(PASSWORD), Secret(PASSWORD)}) == 1


def test_a_message_takes_a_secret_as_plain_text_or_as_secret() -> None:
    assert validate(KeepSecret, {"password": PASSWORD}).password == Secret(PASSWORD)
    assert validate(KeepSecret, {"password": Secret(PASSWORD)}).password == Secret(PASSWORD)


def test_a_secret_is_stars_in_audit_and_plain_on_the_wire_only() -> None:
    message = KeepSecret(Secret(PASSWORD))
    assert redacted(message)["password"] == HIDDEN
    assert PASSWORD.encode() not in to_json(message)
    assert PASSWORD.encode() in to_json(message, reveal=True)


def test_a_wrong_secret_is_not_told_back() -> None:
    with pytest.raises(Exception, match="password") as wrong:
        validate(KeepSecret, {"password": [PASSWORD]})
    assert PASSWORD not in str(wrong.value)


def test_a_form_shows_a_password_field() -> None:
    assert schema(KeepSecret)["properties"]["password"]["format"] == "password"


@given(st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True), st.from_regex(r"[^\s@]{1,20}", fullmatch=True))
def test_the_password_of_a_url_is_hidden(user: str, password: str) -> None:
    shown = redacted(KeepSecret(Secret(""), url=f"postgresql://{user}:{password}@host/db"))["url"]
    assert shown == f"postgresql://{user}:{HIDDEN}@host/db"


def test_passwords_are_hidden_however_deep() -> None:
    nested = {"a": [{"url": "mysql://u:p@h/d"}], "n": 1}
    assert without_passwords(nested) == {"a": [{"url": f"mysql://u:{HIDDEN}@h/d"}], "n": 1}
