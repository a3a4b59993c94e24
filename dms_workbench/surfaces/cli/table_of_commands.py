"""Every command by name, where it is and what it does, so that ``dms --help`` loads none of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A command written by hand. place: ``module:attribute`` in this package; help: one line."""

    place: str
    help: str


MOVE = {
    "migrate": Entry("migrate:migrate", "Copy one database into another, verify every row, close the books."),
    "plan": Entry("plan:plan", "Write down everything a migration would do, in a folder for review."),
    "apply": Entry("plan:apply", "Run exactly the plan in a folder."),
    "precheck": Entry(
        "precheck:precheck", "What stands in the way of a migration, before anything is read or written."
    ),
    "verify": Entry("verify:verify", "Compare source and target row by row; nothing is written."),
    "match": Entry(
        "match:match", "Suggest a mapping: what each column of the target is made of, and how sure that is."
    ),
    "profile": Entry(
        "profile:profile", "Measure the data of tables: counts, ranges, forms, keys, personal data; and drift."
    ),
    "demo": Entry("demo:demo", "Migrate a sample shop with planted bad rows, and show the report."),
}
WATCH = {
    "status": Entry("status:status", "How runs stand: all of them, or one with its books."),
    "logs": Entry("logs:logs", "The log of a run."),
    "doctor": Entry("doctor:doctor", "What is installed, what is missing and how to get it."),
}
SERVE = {
    "lab": Entry("lab:lab", "Open JupyterLab with notebooks to start from."),
    "serve": Entry("serve:serve", "Serve the workbench over HTTP on this computer."),
    "worker": Entry("worker:worker", "Carry out queued runs in this terminal."),
    "ledger": Entry("ledger:ledger", "The ledger that a target keeps: its DDL for a DBA."),
}
HAND_WRITTEN = {**MOVE, **WATCH, **SERVE}

GROUPS = {
    "access": "See who you are, and manage users and tokens.",
    "audit": "See who did what, and check that the record was not changed.",
    "connections": "Save connections to databases, test them, and change their secrets, which are never shown again.",
    "mappings": "Keep versions of mapping files, check them, and suggest them.",
    "plans": "Make plans and look at them before they run.",
    "profiles": "Measure the data of databases and files, keep the figures, and see how they drift.",
    "projects": "Create projects, share them, move them through their states and see their history.",
    "runs": "Start runs, steer them and watch them.",
    "schemas": "Read catalogues, keep their history, and compare them.",
    "transforms": "Propose what cleans a source, and preview a mapping on rows.",
}
"""The features and what they are for: the docstrings of the facades, written down here and held equal by a test."""

IN_GROUPS = {
    "mappings": {
        "check": "mapping_check:check",
        "diff": "mapping_merge:diff",
        "edit": "mapping_edit:edit",
        "merge": "mapping_merge:merge",
        "new": "mapping_new:new",
        "rebase": "mapping_rebase:rebase",
        "export-sheet": "mapping_sheet:export_sheet",
        "import-sheet": "mapping_sheet:import_sheet",
        "make-template": "mapping_new:make_template",
    },
    "runs": {
        "quarantine": "quarantine:quarantine",
        "replay": "quarantine:replay",
        "undo": "undo:undo",
    },
    "schemas": {
        "diff": "schemas:diff",
        "show": "schemas:show",
        "snapshot": "schemas:snapshot",
        "history": "schemas:history",
        "export": "schemas:export",
        "compatibility": "compatibility:compatibility",
    },
    "transforms": {"propose": "transforms:propose"},
}
"""Commands of a feature that are written by hand: ``module:attribute``; they come before a message's own command."""

EXAMPLES = """\
  dms migrate shop.sqlite shop.duckdb
  dms migrate sqlite:///shop.sqlite postgresql://me@localhost/shop --mapping shop.yaml
  dms migrate @old @new --project shop --tables customers,orders --json > run.json
  dms verify shop.sqlite shop.duckdb
  dms status
  dms runs pause RUN_ID
  dms projects create shop --description "Our shop"
"""
