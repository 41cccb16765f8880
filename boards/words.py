"""What the pages say beside the numbers, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serving.language import is_chinese


@dataclass(frozen=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Those of the language that is spoken."""
        return self.zh if is_chinese() else self.en


WORDS: Mapping[str, Text] = {
    "boards": Text("Boards", "看板"),
    "all_boards": Text("All boards", "全部看板"),
    "skip": Text("Skip to the numbers", "跳到内容"),
    "for": Text("For", "面向"),
    "question": Text("Question", "要回答的问题"),
    "owner": Text("Owner", "负责人"),
    "as_of": Text("As of", "截至"),
    "version": Text("Version", "版本"),
    "amounts": Text("Amounts", "金额"),
    "in_currency": Text("in {}, net, without tax", "{}，净额，不含税"),
    "no_currency": Text(
        "net, without tax; the data name no currency", "净额，不含税；数据未注明币种"
    ),
    "nothing_landed": Text("nothing has landed", "尚无数据"),
    "definitions": Text("What the numbers mean", "指标口径"),
    "definition": Text("Definition", "口径"),
    "from_mart": Text("mart {}", "数据集市 {}"),
    "asked_of": Text("ask {}", "咨询：{}"),
    "with_care": Text("With care:", "注意："),
    "numbers": Text("The numbers", "数据表"),
    "nothing": Text("Nothing to show yet", "暂无数据"),
    "fills": Text("It fills with {}.", "提供{}后即会显示。"),
    "not_published": Text(
        "The published file has no mart {} yet.", "已发布的文件中还没有数据集市 {}。"
    ),
    "no_rows": Text("The mart {} has no rows for it.", "数据集市 {} 中没有相应的记录。"),
    "too_few": Text("Too few customers to show", "客户太少，不予显示"),
    "too_few_why": Text(
        "Every group here has fewer than {} customers. Numbers of so few could point at a person.",
        "此处每一组的客户都少于 {} 人。人数过少的数字可能指向具体的个人。",
    ),
    "few": Text("<{}", "<{}"),
    "kept_back": Text("kept back", "不显示"),
    "few_note": Text(
        "Groups of fewer than {} customers are not shown, nor is the one from which such a group "
        "could be worked out.",
        "少于 {} 位客户的组不显示；可由此推算出该组的另一组也不显示。",
    ),
    "few_said": Text("fewer than {}", "少于 {}"),
    "few_rows": Text(
        "{} more have fewer than {} customers each, and are not shown.",
        "另有 {} 组客户各少于 {} 人，不予显示。",
    ),
    "not_from_zero": Text("The axis does not begin with zero.", "纵轴不从零开始。"),
    "not_known": Text("not known", "未知"),
    "empty": Text("{} {}", "{}{}"),
    "then": Text("; ", "；"),
    "rest": Text("{} more are in the mart {}.", "另有 {} 行，见数据集市 {}。"),
    "unknown_before": Text("{}: not known", "{}：未知"),
    "week_before": Text("the week before", "前一周"),
    "weeks_before": Text("52 weeks before", "52 周前"),
    "month_before": Text("the month before", "上月"),
    "year_before": Text("a year before", "去年同期"),
    "week_of": Text("week of {}", "{}起的一周"),
    "total": Text("All", "合计"),
    "unknown": Text("Not known", "未知"),
    "yes": Text("Yes", "是"),
    "no": Text("No", "否"),
    "points": Text("{} points", "{} 个百分点"),
    "days": Text("{} days", "{} 天"),
    "other_language": Text("中文", "English"),
    "download": Text("Download", "下载"),
    "on_paper": Text("PDF", "PDF"),
    "picture": Text("Picture", "图片"),
    "chart_of": Text("Chart: {}", "图：{}"),
    "from_to": Text("{} ↓ {} →", "{} ↓ {} →"),
    "made_from": Text(
        "Every number is read from the published file. Groups of fewer than {} customers are kept "
        "back, and nothing here names a person.",
        "所有数字均取自已发布的文件。少于 {} 位客户的组不显示，页面不含任何个人信息。",
    ),
}


def word(key: str, *values: object) -> str:
    """The words of that key, with ``values`` in their braces."""
    text = str(WORDS[key])
    return text.format(*values) if values else text
