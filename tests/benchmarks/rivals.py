"""Rivals, each in an environment of its own, beside us on the same rows: what is not here is said and left out.

    python -m tests.benchmarks.copy --rivals --rows 1000000 --runs 3

| rival | from | how much faster we are at least, by wall time |
|---|---|---|
| pgcopydb, with primary key | Debian | 1 time |
| pgloader | Debian | 5 times |
| dlt | PyPI | 10 times |
| pandas | PyPI | 10 times |

Start-up is left out on both sides. Ours ends when the first row is about to be read; what follows counts, the end of the run too.
A rival does not tell when its own ends: it runs once more on a single row, and all that it needs for that is taken off.
Times of the whole processes are printed beside.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.benchmarks import data
from tests.benchmarks.measure import Cost, median, run
from tests.benchmarks.pairs import Machine, machine, ours

ENVIRONMENT = "environment"
SLOW_TIMES = 5
"""Rivals that we are to be so many times ahead of run once."""
PANDAS = """
import sys
import pandas, sqlalchemy
source, target = (sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:")) for url in sys.argv[1:])
with source.connect().execution_options(stream_results=True) as reading:
    for part in pandas.read_sql_table("lineitem", reading, chunksize=10_000):
        part.to_sql("lineitem", target, if_exists="append", index=False)
"""
DLT = """
import sys
import dlt
from dlt.sources.sql_database import sql_table
rows = sql_table(sys.argv[1].replace("postgresql:", "postgresql+psycopg:"), table="lineitem", backend="pyarrow", chunk_size=50_000)
pipeline = dlt.pipeline("rival", destination=dlt.destinations.postgres(sys.argv[2]), dataset_name="public", pipelines_dir=sys.argv[3])
pipeline.run(rows, table_name="lineitem")
"""


@dataclass(frozen=True, slots=True)
class Rival:
    """Another tool that copies the same rows."""

    name: str
    command: list[str]
    times: float
    """We are to be at least so many times faster by wall time."""
    ddl: tuple[str, ...] = ()
    """What the target has before, for the rival."""


@dataclass(frozen=True, slots=True)
class Met:
    """A rival and us."""

    rival: Rival
    theirs: Cost
    single: Cost
    """The rival's, of one row."""
    own: Cost

    @property
    def times(self) -> float:
        """How much faster we are, start-up left out."""
        return max(self.theirs.wall_seconds - self.single.wall_seconds, 0.0) / self.own.wall_seconds

    def __str__(self) -> str:
        rival, theirs, own = self.rival, self.theirs, self.own
        whole = own.wall_seconds + own.start_seconds
        return (
            f"{'ok  ' if self.times >= rival.times else 'OVER'} {rival.name}: {self.times:.1f} times our wall time "
            f"(at least {rival.times:g}); {theirs.wall_seconds - self.single.wall_seconds:.2f} s after {self.single.wall_seconds:.2f} s "
            f"of start-up against {own.wall_seconds:.2f} s after {own.start_seconds:.2f} s; "
            f"whole processes {theirs.wall_seconds / whole:.1f} times, CPU {theirs.cpu_seconds:.2f} s against "
            f"{own.cpu_seconds + own.start_cpu_seconds:.2f} s, "
            f"memory {theirs.peak_bytes / 1e6:.0f} MB against {own.peak_bytes / 1e6:.0f} MB"
        )


def environment(place: Machine, name: str, *packages: str) -> str | None:
    """The interpreter of a virtual environment with these packages; None if they cannot be installed."""

    def make() -> str:
        folder = place.folder / f"venv-{name}"
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        done = subprocess.run(
            [str(folder / "bin" / "pip"), "install", "-q", *packages], capture_output=True, check=False
        )
        return str(folder / "bin" / "python") if done.returncode == 0 else ""

    return place.once(f"{ENVIRONMENT} {name}", make) or None


def with_one_row(place: Machine) -> Machine:
    """The same servers and environments, a single row to copy."""
    folder = place.folder / "one row"
    folder.mkdir(exist_ok=True)
    made = {name: value for name, value in place.made.items() if name.startswith(ENVIRONMENT)}
    return Machine(1, place.stack, folder, place.postgres, None, made)


def pgcopydb(place: Machine) -> Rival | None:
    """Debian's pgcopydb, which makes table and key itself."""
    if not shutil.which("pgcopydb"):
        return None
    arguments = [
        "--source",
        place.filled(),
        "--target",
        place.empty(),
        "--dir",
        str(place.folder / "pgcopydb"),
        "--restart",
    ]
    return Rival("pgcopydb", ["pgcopydb", "clone", *arguments, "--not-consistent", "--no-owner"], 1.0)


def pgloader(place: Machine) -> Rival | None:
    """Debian's pgloader; it takes a password in the URL only."""
    if not shutil.which("pgloader"):
        return None
    commands = place.folder / "rival.load"
    aim = place.empty()
    commands.write_text(
        f"load database from {place.filled()} into {aim} with data only, truncate, workers = 2, concurrency = 1, "
        "batch rows = 10000, prefetch rows = 20000;\n".replace("postgresql://", "pgsql://")
    )
    return Rival("pgloader", ["pgloader", "--on-error-stop", str(commands)], 5.0, (data.LINEITEM.ddl,))


def dlt(place: Machine) -> Rival | None:
    """dlt with its Arrow backend."""
    python = environment(
        place,
        "dlt",
        "dlt[postgres,sql_database]",
        "pyarrow",
        "numpy",
        "sqlalchemy<2.1",
        "psycopg[binary]",
        "psycopg2-binary",
    )
    if python is None:
        return None
    return Rival("dlt", [python, "-c", DLT, place.filled(), place.empty(), str(place.folder / "dlt")], 10.0)


def pandas(place: Machine) -> Rival | None:
    """pandas with SQLAlchemy, by chunks."""
    python = environment(place, "pandas", "pandas", "sqlalchemy", "psycopg[binary]")
    if python is None:
        return None
    return Rival("pandas", [python, "-c", PANDAS, place.filled(), place.empty()], 10.0, (data.LINEITEM.ddl,))


RIVALS: tuple[Callable[[Machine], Rival | None], ...] = (pgcopydb, pgloader, dlt, pandas)


def measured(place: Machine, runs: int) -> Iterator[Met]:
    """Each rival and us, in turn; slow rivals once."""
    for make in RIVALS:
        rival = make(place)
        if rival is None:
            print(f"{make.__name__}: not to be had here, left out", flush=True)
            continue
        single_place = with_one_row(place)
        single = make(single_place)
        theirs, singles, own = [], [], []
        try:
            for _ in range(runs if rival.times < SLOW_TIMES else 1):
                theirs.append(timed(place, rival))
                singles.append(timed(single_place, single or rival))
                data.empty_postgres(place.empty(), ())
                own.append(run(ours(place.filled(), place.empty()), (place.postgres.process_id,)))
                check(place, "ours")
        except subprocess.CalledProcessError as error:
            if list(error.cmd) not in (rival.command, single and single.command):
                raise
            print(f"{rival.name}: ended with {error.returncode} by itself, left out", flush=True)
            continue
        yield Met(rival, median(theirs), median(singles), median(own))


def timed(place: Machine, rival: Rival) -> Cost:
    """One copy by a rival."""
    data.empty_postgres(place.empty(), rival.ddl)
    cost = run(rival.command, (place.postgres.process_id,))
    check(place, rival.name)
    return cost


def check(place: Machine, name: str) -> None:
    """Raise unless the target has all the rows."""
    found = place.postgres.execute("select count(*) from lineitem", urlsplit(place.empty()).path[1:])[0][0]
    if found != place.rows:
        raise RuntimeError(f"{name} copied {found} of {place.rows} rows")


def show_rivals(rows: int, runs: int) -> int:
    """Print how we stand to each rival; 1 if one of them is nearer than it may be."""
    code = 0
    with machine(rows) as place:
        for met in measured(place, runs):
            code |= met.times < met.rival.times
            print(met, flush=True)
    return code
