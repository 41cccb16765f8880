"""What a person meets: pictures and paper, a keyboard, a phone, and a page without a browser."""

import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from board_marts import publish
from click.testing import CliRunner

from boards import find_browser, load, render_boards
from boards.browser import DESK_WIDTH, PHONE_WIDTH, Browser, browsing
from orchestration.cli import main
from orchestration.settings import PROJECT_DIR

# Every kind of panel is on one of them.
DRAWN = [board for board in load() if board.key in ("movement", "campaigns")]
AXE = "axe-core@4.14.1"
BROWSER = find_browser(os.environ.get("LIFECYCLE_BROWSER"))
needs_browser = pytest.mark.skipif(BROWSER is None, reason="neither Chromium nor Chrome is there")


@pytest.fixture(scope="module")
def pages(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "boards"
    rendered = render_boards(published, folder, least=10, browser=BROWSER, boards=DRAWN)
    assert (rendered.pages, rendered.pictures, rendered.reason) == (4, 4, "")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert BROWSER is not None
    with browsing(BROWSER) as opened:
        yield opened


@pytest.fixture(scope="module")
def axe() -> str:
    """The checker of accessibility, as npm has it; kept between runs."""
    kept = PROJECT_DIR / "target" / "axe" / AXE.replace("@", "-")
    script = kept / "package" / "axe.min.js"
    if not script.exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm, which brings axe-core, is not there")
        kept.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            [npm, "pack", "--silent", AXE], cwd=kept, capture_output=True, text=True, check=False
        )
        if packed.returncode:
            pytest.skip(f"npm has no {AXE} for us: {packed.stderr[:200]}")
        shutil.unpack_archive(kept / packed.stdout.split()[-1], kept, "gztar")
    return script.read_text(encoding="utf-8")


def found(browser: Browser, axe: str) -> list[str]:
    browser.evaluate(f"{axe};0")
    told: list[str] = browser.evaluate(
        "axe.run({resultTypes: ['violations']}).then(found => found.violations.map("
        "each => `${each.impact} ${each.id}: ${each.nodes.map(node => node.html)}`))"
    )
    return told


@needs_browser
def test_axe_finds_nothing(pages: Path, browser: Browser, axe: str, tmp_path: Path) -> None:
    for language in ("en", "zh"):
        for board in DRAWN:
            for width in (DESK_WIDTH, PHONE_WIDTH) if language == "en" else (DESK_WIDTH,):
                browser.open(pages / language / f"{board.key}.html", width=width)
                # What is folded is read as well.
                browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                assert found(browser, axe) == [], (language, board.key, width)
                wide = browser.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (language, board.key)
    # Nor on a page without data.
    empty = tmp_path / "boards"
    database = publish(tmp_path / "empty.duckdb", rows=0)
    render_boards(database, empty, least=10, browser=None, languages=["en"])
    browser.open(empty / "en" / "loyalty.html", width=PHONE_WIDTH)
    assert found(browser, axe) == []
    browser.open(pages / "index.html")
    assert found(browser, axe) == []
    # The checker does look.
    browser.evaluate("document.documentElement.removeAttribute('lang')")
    assert "html-has-lang" in found(browser, axe)[0]


@needs_browser
def test_a_keyboard_reaches_every_link_fold_and_table(pages: Path, browser: Browser) -> None:
    browser.open(pages / "en" / "movement.html")
    reach = (
        "[...document.querySelectorAll('a, summary, .scroll')]"
        ".filter(each => each.checkVisibility() || each.matches('.skip'))"
    )
    wanted = browser.evaluate(f"{reach}.length")
    reached = []
    for _ in range(wanted):
        browser.press("Tab")
        reached.append(browser.evaluate(f"{reach}.indexOf(document.activeElement)"))
    assert reached == list(range(wanted))
    assert wanted >= 15
    outline = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline not in ("none", "")


@needs_browser
def test_pictures_and_paper_are_there_for_every_page(pages: Path) -> None:
    drawn = sorted(pages.rglob("*.html"))
    for page in drawn:
        if page.name == "index.html":
            continue
        picture = page.with_suffix(".png").read_bytes()
        width, height = struct.unpack(">II", picture[16:24])
        assert width == DESK_WIDTH
        assert height > 900
        paper = page.with_suffix(".pdf").read_bytes()
        assert paper.startswith(b"%PDF")
        assert paper.rstrip().endswith(b"%%EOF")


def test_without_a_browser_pages_are_written_and_the_reason_is_said(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "published").mkdir(parents=True)
    publish(home / "published" / "customer_lifecycle.duckdb", rows=0)
    for setting, reason in (
        ("no-such-browser", "nor Chrome was found"),
        ("/bin/false", "/bin/false"),
    ):
        ran = CliRunner(env={"LIFECYCLE_BROWSER": setting}).invoke(
            main, ["--home", str(home), "boards"]
        )
        assert ran.exit_code == 0, ran.output
        told = " ".join(ran.output.split())
        assert "No PNG and no PDF: " in told
        assert reason in told
        page = (home / "boards" / "en" / "this_week.html").read_text(encoding="utf-8")
        assert ".pdf" not in page
        assert not list((home / "boards").rglob("*.png"))
    nothing = CliRunner().invoke(main, ["--home", str(tmp_path / "other"), "boards"])
    assert nothing.exit_code == 1
    assert "nothing is published" in nothing.output
