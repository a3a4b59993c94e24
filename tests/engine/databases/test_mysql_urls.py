"""Connection URLs of MySQL and MariaDB."""

from __future__ import annotations

import importlib.util
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dms_workbench.engine.databases import urls
from dms_workbench.engine.databases.errors import DriverMissing, InvalidUrl, OptionNotAllowed
from dms_workbench.engine.databases.urls import Host, database_for, normalise, warnings_of

texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="�"), min_size=1, max_size=20)


@pytest.mark.parametrize("scheme", ["mysql", "mariadb", "mysql+pymysql", "MariaDB+PyMySQL"])
def test_every_spelling_of_mysql_means_the_same(scheme: str) -> None:
    url = normalise(f"{scheme}://me@Host/shop")

    assert (url.database, url.without_secrets) == ("mysql", "mysql://me@host:3306/shop")


@given(user=texts, password=texts, name=texts)
def test_the_normal_form_can_be_read_again(user: str, password: str, name: str) -> None:
    url = normalise(f"mysql://{quote(user, safe='')}:{quote(password, safe='')}@db:3307/{quote(name, safe='')}")

    assert normalise(url.with_secrets) == url
    assert (url.user, url.password, url.name) == (user, password, name)


@pytest.mark.parametrize(
    "text",
    ["mysql://me@%2Frun%2Fmy.sock/db", "mysql://me@/db?host=/run/my.sock", "mysql://me@/db?unix_socket=/run/my.sock"],
)
def test_a_unix_socket_is_its_file(text: str) -> None:
    url = normalise(text)

    assert url.hosts == (Host("/run/my.sock", 3306),)
    assert url.without_secrets == "mysql://me@%2Frun%2Fmy.sock:3306/db"


def test_options_have_one_spelling_in_the_normal_form() -> None:
    url = normalise("mysql://me@host/db?ssl_mode=verify-ca&ssl_ca=/ca.pem")

    assert url.options == {"ssl-mode": "VERIFY_CA", "ssl-ca": "/ca.pem"}


@pytest.mark.parametrize("option", ["local_infile=1", "init_command=x", "password=x", "plugin_dir=/x", "host=evil"])
def test_dangerous_options_are_refused_by_name(option: str) -> None:
    with pytest.raises(OptionNotAllowed, match="ssl-mode"):
        normalise(f"mysql://me@host/db?{option}")


@pytest.mark.parametrize("option", ["ssl-mode=maybe", "charset=latin1", "connect_timeout=0", "ssl-ca=a&ssl_ca=b"])
def test_values_outside_the_list_are_refused(option: str) -> None:
    with pytest.raises(InvalidUrl):
        normalise(f"mysql://me@host/db?{option}")


@pytest.mark.parametrize(("mode", "said"), [("PREFERRED", "unencrypted"), ("REQUIRED", "not checked"), ("", "")])
def test_what_a_weaker_mode_gives_up_is_said(mode: str, said: str) -> None:
    warnings = warnings_of(normalise(f"mysql://me@db.example/shop{mode and '?ssl-mode=' + mode}"))

    assert said in " ".join(warnings)
    assert bool(warnings) == bool(said)


def test_a_missing_driver_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(urls, "find_spec", lambda name: None if name == "pymysql" else found(name))

    with pytest.raises(DriverMissing) as missing:
        database_for("mysql://me@host/db")

    assert missing.value.next == "Install it with: pip install 'dms-workbench[mysql]'"
