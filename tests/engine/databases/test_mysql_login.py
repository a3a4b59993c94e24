"""A file of options that a URL names: whose password goes to which server."""

from __future__ import annotations

from pathlib import Path

import pytest

from dms_workbench.engine.databases.mysql.connect import login
from dms_workbench.engine.databases.urls import normalise

FILE = "[client]\nuser = me\npassword = 'se cret'\nhost = db.example.org\nport = 3307\n"


@pytest.mark.parametrize(
    ("place", "known"),
    [
        ("db.example.org:3307", True),
        ("DB.example.org:3307", True),
        ("db.example.org:3306", False),
        ("evil.example.org:3307", False),
        ("localhost", True),
        ("127.0.0.1", True),
    ],
)
def test_the_password_of_an_options_file_goes_to_its_own_server_or_this_machine(place, known, tmp_path: Path):
    path = tmp_path / "my.cnf"
    path.write_text(FILE)
    url = normalise(f"mysql://{place}/shop?read_default_file={path}")
    found = login(url, url.hosts[0])
    assert (found["user"], found["password"]) == ("me", b"se cret" if known else b"")


def test_a_password_of_the_url_goes_where_the_url_says(tmp_path: Path):
    path = tmp_path / "my.cnf"
    path.write_text(FILE)
    url = normalise(f"mysql://you:own@evil.example.org/shop?read_default_file={path}")
    assert login(url, url.hosts[0])["password"] == b"own"
