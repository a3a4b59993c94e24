"""Writes docs/reference/permissions.md: python -m tests.permissions; a test says when it is stale."""

from __future__ import annotations

from dms_workbench import Workbench
from dms_workbench.kernel.facade import operations
from dms_workbench.kernel.scopes import Role, Scope, allows, roles, scopes
from tests.documents import ROOT

PAGE = ROOT / "docs" / "reference" / "permissions.md"
AREAS = ("project", "connection", "schema", "migration", "analytics", "admin")
HEAD = """# Roles and permissions

Generated from `dms_workbench/kernel/rights.toml` by `python -m tests.permissions`.

A role holds in the whole organisation or, given with `wb.projects.add_member`, in one project. System Admin and Org
Admin hold in every project of their organisation; any other role in the organisation counts only for what belongs to no
project, such as creating one. What lies outside your projects is answered as not found.

## Roles

"""


def page() -> str:
    """The page's text."""
    areas = "| Role | " + " | ".join(area.capitalize() for area in AREAS) + " | And |\n|" + "---|" * (len(AREAS) + 2)
    permissions = "| Permission | Allows to | Roles | Used by |\n|---|---|---|---|"
    rows = [permission_row(scope) for scope in scopes().values()]
    return "\n".join([HEAD + areas, *map(role_row, roles().values()), "\n## Permissions\n", permissions, *rows, ""])


def role_row(role: Role) -> str:
    """A role in a line of the table."""
    also = ", ".join(f"`{name}`" for name in sorted(role.also))
    return f"| {role.title} | {' | '.join(role.areas[area] for area in AREAS)} | {also} |"


def permission_row(scope: Scope) -> str:
    """A permission in a line of the table."""
    uses = [
        f"`{'.'.join(path)}`" for path, message in operations(Workbench).items() if message.use_case.scope == scope.name
    ]
    held = [role.title for role in roles().values() if allows(role.name, scope.name)]
    who = "given by name" if scope.granted else "all" if len(held) == len(roles()) else ", ".join(held)
    return f"| `{scope.name}` | {scope.sentence} | {who} | {', '.join(uses)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
