"""People, roles and tokens, the same embedded and through the service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dms_workbench import Workbench
from dms_workbench.features.access import (
    CreateToken,
    LastAdministrator,
    ScopeBeyondOwn,
    ScopeUnknown,
    UnknownRole,
    UnknownUser,
    UserNameTaken,
    token_caller,
)
from dms_workbench.kernel.context import Caller
from dms_workbench.kernel.errors import NotFound, NotPermitted, NotSignedIn
from dms_workbench.kernel.secrets import HIDDEN
from dms_workbench.platform import user_name
from dms_workbench.workbench import local_bus
from tests.workbenches import Team


def test_the_operating_system_user_is_administrator_of_the_organisation_local(workbench: Workbench) -> None:
    me = workbench.access.whoami()

    assert (me.user, me.organisation, me.role) == (user_name(), "local", "system_admin")
    assert "projects:create" in me.scopes
    assert "approve" not in me.scopes


def test_users_are_created_and_listed(workbench: Workbench) -> None:
    anna = workbench.access.create_user("anna", email="anna@example.org", role="viewer")

    assert [user for user in workbench.access.users() if user.name == "anna"] == [anna]


def test_a_user_name_is_unique(workbench: Workbench) -> None:
    workbench.access.create_user("anna")
    with pytest.raises(UserNameTaken):
        workbench.access.create_user("anna")


def test_a_role_that_does_not_exist_is_refused(workbench: Workbench) -> None:
    with pytest.raises(UnknownRole, match="project_manager"):
        workbench.access.create_user("anna", role="boss")
    workbench.access.create_user("anna")
    workbench.projects.create("shop")
    with pytest.raises(UnknownRole, match="viewer"):
        workbench.projects.add_member("shop", "anna", "org_admin")


def test_only_a_user_of_the_organisation_becomes_a_member(workbench: Workbench) -> None:
    workbench.projects.create("shop")
    with pytest.raises(UnknownUser):
        workbench.projects.add_member("shop", "nobody")


def test_an_organisation_administrator_makes_no_system_administrator(team: Team) -> None:
    olga = team.person("olga", role="org_admin")
    with pytest.raises(UnknownRole):
        olga.access.create_user("anna", role="system_admin")
    with pytest.raises(UnknownRole):
        olga.access.set_role("olga", "system_admin")


def test_the_last_administrator_stays(workbench: Workbench) -> None:
    me = user_name()
    with pytest.raises(LastAdministrator):
        workbench.access.set_role(me, "viewer")
    with pytest.raises(LastAdministrator):
        workbench.access.switch_user(me, active=False)


def test_a_person_without_rights_cannot_manage_users(team: Team) -> None:
    anna = team.person("anna", role="project_manager")
    for attempt in (anna.access.users, lambda: anna.access.create_user("bert"), anna.audit.verify):
        with pytest.raises(NotPermitted):
            attempt()


def test_a_token_is_shown_once_and_then_only_named(workbench: Workbench) -> None:
    token = workbench.access.create_token("night run", days=7)

    assert token.secret.reveal().startswith("dms_")
    assert token.secret.reveal() not in repr(token) + token._repr_html_()
    listed = next(known for known in workbench.access.tokens() if known.id == token.id)
    assert (listed.name, listed.expires_at - listed.created_at) == ("night run", timedelta(days=7))
    assert not hasattr(listed, "secret")


def test_a_token_signs_in_until_it_is_revoked(team: Team) -> None:
    token = team.administrator.access.create_token("night run")
    assert token_caller(team.store, token.secret.reveal()).name == user_name()

    team.administrator.access.revoke_token(token.id)

    with pytest.raises(NotSignedIn):
        token_caller(team.store, token.secret.reveal())


def test_a_switched_off_user_is_turned_away(team: Team) -> None:
    team.person("anna")
    user = next(user for user in team.administrator.access.users() if user.name == "anna")
    token = local_bus(team.store, token_of_user(team, user.id)).send(CreateToken("hers")).secret.reveal()

    team.administrator.access.switch_user("anna", active=False)

    with pytest.raises(NotSignedIn):
        token_caller(team.store, token)


def token_of_user(team: Team, user_id: str) -> Caller:
    """A caller for a user without a role."""
    return Caller(user_id, "anna", "local")


def test_a_limited_token_does_no_more_than_its_permissions(team: Team) -> None:
    token = team.administrator.access.create_token("reader", scopes=("projects:read", "tokens:own"))
    reader = Workbench.over(local_bus(team.store, token_caller(team.store, token.secret.reveal())))

    assert reader.projects.list().total == 0
    with pytest.raises(NotPermitted, match="projects:create"):
        reader.projects.create("shop")
    with pytest.raises(ScopeBeyondOwn):
        reader.access.create_token("more", scopes=("projects:create",))
    assert reader.access.create_token("same").scopes == ("projects:read", "tokens:own")


def test_an_unknown_permission_is_named(workbench: Workbench) -> None:
    with pytest.raises(ScopeUnknown, match="projects:fly"):
        workbench.access.create_token("x", scopes=("projects:fly",))


def test_nobody_revokes_the_token_of_another(team: Team) -> None:
    token = team.administrator.access.create_token("mine")
    anna = team.person("anna")
    with pytest.raises(NotFound):
        anna.access.revoke_token(token.id)


def test_the_audit_never_holds_a_token(team: Team) -> None:
    token = team.administrator.access.create_token("night run").secret.reveal()

    entries = repr(team.administrator.audit.entries(limit=1000).items)

    assert token not in entries
    assert "CreateToken" in entries
    assert HIDDEN in str(team.administrator.access.create_token("other").secret)


def test_a_role_is_given_and_taken(workbench: Workbench) -> None:
    workbench.access.create_user("anna")
    assert workbench.access.set_role("anna", "viewer").role == "viewer"
    assert workbench.access.set_role("anna").role is None


def test_an_administrator_can_go_when_there_is_another(workbench: Workbench) -> None:
    workbench.access.create_user("olga", role="org_admin")
    assert workbench.access.switch_user("olga", active=False).active is False
    assert workbench.access.switch_user("olga", active=True).active is True
    assert workbench.access.set_role("olga", "viewer").role == "viewer"


def test_who_is_no_member_cannot_be_removed(workbench: Workbench) -> None:
    workbench.access.create_user("anna")
    workbench.projects.create("shop")
    with pytest.raises(UnknownUser):
        workbench.projects.remove_member("shop", "anna")


def test_a_user_is_listed_in_pages(workbench: Workbench) -> None:
    for name in ("zoe", "yan"):
        workbench.access.create_user(name)
    page = workbench.access.users(limit=1, offset=1)
    assert (len(page), page.total) == (1, 3)
