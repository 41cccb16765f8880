"""All boards of a published file: pages, pictures, paper, in a folder that changes as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from boards.answer import Answer, answer
from boards.board import Board, Panel, known_metrics, load
from boards.browser import BrowserError, browsing
from boards.published import Published
from boards.show import Showing, defined
from boards.words import Text, word
from landing.engine import connect
from metrics import OWNERS
from serving.language import LANGUAGES, speaking
from serving.report.formats import day

INDEX = "index.html"


@dataclass(frozen=True)
class Rendered:
    """What was written: the first page, how many pages, and how many of them as pictures too."""

    index: Path
    pages: int
    pictures: int
    reason: str = ""
    """Why there are no pictures; empty where there are."""


@dataclass(frozen=True)
class Definition:
    """What a number is, and where it comes from."""

    name: str
    label: str
    text: str
    caveat: str
    source: str


def render_boards(
    database: Path,
    folder: Path,
    *,
    least: int,
    browser: Path | None,
    languages: Sequence[str] = tuple(LANGUAGES),
    boards: Sequence[Board] | None = None,
) -> Rendered:
    """Render every board as a page that needs no network and no script, and as PNG and PDF.

    Args:
        database: a published file; it is opened read-only and closed again.
        folder: takes the place of what was there once everything is written.
        least: groups of fewer customers are not shown.
        browser: draws the pictures; without one there are only pages.
        languages: keys of ``LANGUAGES``; the index is in the first one.
        boards: those to render; all by default.

    Raises:
        duckdb.IOException: the database is missing or another process writes to it.
    """
    boards = load() if boards is None else boards
    unfinished = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    connection = connect(database, read_only=True)
    try:
        published = Published(connection)
        pages = _write(
            published, unfinished, boards, least, languages, pictures=browser is not None
        )
        reason = _draw(browser, pages) if browser else ""
        if reason:
            # Pages do not offer what there is not.
            _write(published, unfinished, boards, least, languages, pictures=False)
    finally:
        connection.close()
    outdated = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(outdated, ignore_errors=True)
    if folder.exists():
        folder.replace(outdated)
    unfinished.replace(folder)
    shutil.rmtree(outdated, ignore_errors=True)
    return Rendered(folder / INDEX, len(pages), len(pages) if browser and not reason else 0, reason)


def answers(
    published: Published, boards: Iterable[Board], least: int
) -> dict[tuple[str, str], Answer]:
    """What each panel shows, by the keys of its board and its own."""
    return {
        (board.key, panel.key): answer(published, panel, least=least)
        for board in boards
        for panel in board.panels
    }


def _write(
    published: Published,
    folder: Path,
    boards: Sequence[Board],
    least: int,
    languages: Sequence[str],
    *,
    pictures: bool,
) -> list[Path]:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["word"] = word
    found = answers(published, boards, least)
    as_of = published.as_of
    pages = []
    for language in languages:
        with speaking(language):
            common = {
                "language": language,
                "other_language": next(name for name in LANGUAGES if name != language),
                "as_of": day(as_of) if as_of else word("nothing_landed"),
                "boards": boards,
                "pictures": pictures,
            }
            showing = Showing(published, least)
            for board in boards:
                text = environment.get_template("board.html.jinja").render(
                    **common,
                    board=board,
                    panels=[
                        showing.view(board.key, panel, found[board.key, panel.key])
                        for panel in board.panels
                    ],
                    definitions=_definitions(board, found),
                    amounts=_amounts(published),
                    version=published.version,
                    least=least,
                )
                pages.append(_file(folder / language / f"{board.key}.html", text))
            if language == languages[0]:
                index = environment.get_template("index.html.jinja").render(**common)
                _file(folder / INDEX, index)
    return pages


def _file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _draw(program: Path, pages: Iterable[Path]) -> str:
    """Pages as PNG and PDF beside them; why not, if that fails."""
    try:
        with browsing(program) as browser:
            for page in pages:
                browser.open(page)
                page.with_suffix(".png").write_bytes(browser.png())
                page.with_suffix(".pdf").write_bytes(browser.pdf())
    except BrowserError as error:
        for page in pages:
            for ending in (".png", ".pdf"):
                page.with_suffix(ending).unlink(missing_ok=True)
        return f"{program}: {error}"
    return ""


def _definitions(board: Board, found: Mapping[tuple[str, str], Answer]) -> list[Definition]:
    """Of every number of the board, once."""
    told: dict[str, Definition] = {}
    for panel in board.panels:
        if found[board.key, panel.key].state == "missing":
            continue
        for name in defined(panel):
            told.setdefault(
                f"{panel.mart}-{name}",
                _of_metric(name) if panel.metrics else _of_column(panel, name),
            )
    return list(told.values())


def _of_metric(name: str) -> Definition:
    metric = known_metrics()[name]
    owner = OWNERS[metric.owner]
    asked = word("asked_of", Text(owner.en, owner.zh))
    return Definition(
        f"-{name}",
        str(Text(metric.label.en, metric.label.zh)),
        str(Text(metric.description.en, metric.description.zh)),
        str(Text(metric.caveats.en, metric.caveats.zh)) if metric.caveats else "",
        f"{word('from_mart', metric.mart)}{word('then')}{asked}",
    )


def _of_column(panel: Panel, name: str) -> Definition:
    label, means = (panel.labels or {})[name], (panel.means or {})[name]
    source = word("from_mart", f"{panel.mart}.{name}")
    return Definition(f"{panel.mart}-{name}", str(label), str(means), "", source)


def _amounts(published: Published) -> str:
    currency = published.currency
    return word("in_currency", currency) if currency else word("no_currency")
