"""A definition that says something untrue, or lacks what a page must say, is refused."""

from pathlib import Path

import pytest
import yaml
from board_marts import panels

from boards import BoardError, load
from boards.board import KINDS

GOOD = {
    "place": 1,
    "title": {"en": "Sales", "zh": "销售"},
    "audience": {"en": "Trading", "zh": "商品"},
    "question": {"en": "How much?", "zh": "多少？"},
    "owner": "finance",
}
PANEL = {
    "key": "week",
    "kind": "trend",
    "title": {"en": "Revenue", "zh": "收入"},
    "finding": {"en": "{now} in {period}", "zh": "{period}：{now}"},
    "metrics": ["net_revenue"],
    "over": "week",
    "people": "active_customers",
    "fills": {"en": "orders.csv", "zh": "orders.csv"},
}


def loaded(folder: Path, board: dict, panel: dict) -> None:
    text = yaml.safe_dump({**GOOD, **board, "panels": [{**PANEL, **panel}]}, allow_unicode=True)
    (folder / "sales.yml").write_text(text, encoding="utf-8")
    load(folder)


@pytest.mark.parametrize(
    ("board", "panel", "message"),
    [
        ({}, {}, ""),
        ({"owner": "nobody"}, {}, "owner nobody is none of"),
        ({"question": {"en": "How much?"}}, {}, "in English .en. and in Chinese"),
        ({"colour": "red"}, {}, "there is no colour"),
        ({}, {"metrics": ["profit"]}, "there is no metric profit"),
        ({}, {"by": ["favourite_colour"]}, "has no dimension favourite_colour"),
        ({}, {"kind": "pie"}, "kind pie is none of"),
        ({}, {"finding": {"en": "{profit}", "zh": "{profit}"}}, "its finding knows no profit"),
        ({}, {"people": "profit"}, "there is no metric profit"),
        (
            {},
            {
                "metrics": [],
                "mart": "customer_value",
                "columns": ["clv_365d"],
                "over": "",
                "people": "none",
            },
            "says not what clv_365d is called",
        ),
        (
            {},
            {"metrics": [], "mart": "customer_value", "over": "", "columns": ["x"]},
            "customer_value has no column x",
        ),
    ],
)
def test_what_is_untrue_or_missing_is_refused(
    tmp_path: Path, board: dict, panel: dict, message: str
) -> None:
    if not message:
        loaded(tmp_path, board, panel)
        return
    with pytest.raises(BoardError, match=message):
        loaded(tmp_path, board, panel)


def test_a_board_by_customer_is_refused(tmp_path: Path) -> None:
    named = {"en": "Customer", "zh": "客户"}
    panel = {
        "metrics": [],
        "mart": "customer_value",
        "by": ["customer_id"],
        "columns": ["clv_365d"],
        "over": "",
        "people": "none",
        "labels": {"customer_id": named, "clv_365d": named},
        "means": {"clv_365d": named},
    }
    with pytest.raises(BoardError, match="customer_id tells of single people"):
        loaded(tmp_path, {}, panel)


def test_there_is_a_board_for_each_question_and_a_panel_of_each_kind() -> None:
    assert [board.key for board in load()] == [
        "this_week",
        "movement",
        "value",
        "campaigns",
        "loyalty",
        "service",
        "channels",
        "data_health",
        "kpi_targets",
    ]
    assert {panel.kind for _, panel in panels()} == set(KINDS)
