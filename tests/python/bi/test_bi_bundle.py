"""What Superset imports: only what is published and declared, and nothing that writes."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

import metrics
from bi import dashboards
from bi.bundle import Bundle, bundle, write
from bi.dashboards import Dashboard, DashboardError
from bi.datasets import LABELLED
from metrics import Text
from metrics.marts import load_marts
from serving.publish import LOG_COLUMNS

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PROJECT = Path(__file__).parents[3]
CONTRACTS = {name: list(mart.columns) for name, mart in load_marts().items()}
CONTRACTS["publish_log"] = [name for name, _, _ in LOG_COLUMNS]


@pytest.fixture(scope="module")
def made(published: Path) -> Bundle:
    return bundle(published, metrics.load())


def files(made: Bundle, folder: str) -> list[Any]:
    return [content for name, content in made.files.items() if name.startswith(folder)]


def columns_in(params: dict[str, Any]) -> Iterator[str]:
    """Columns that a chart asks of its dataset."""
    for name in ("x_axis", "groupby", "all_columns", "granularity_sqla"):
        value = params.get(name)
        yield from [value] if isinstance(value, str) else value or []
    for condition in params["adhoc_filters"]:
        yield condition["subject"]
    for order in params.get("order_by_cols", []):
        yield yaml.safe_load(order)[0]


def metrics_in(params: dict[str, Any]) -> list[Any]:
    return params.get("metrics") or ([params["metric"]] if "metric" in params else [])


def test_nothing_can_be_written_or_read_beside_the_published_file(made: Bundle) -> None:
    (database,) = files(made, "databases/")
    arguments = database["extra"]["engine_params"]["connect_args"]
    assert arguments["read_only"] is True
    assert arguments["config"]["enable_external_access"] == "false"
    assert not any(database[name] for name in database if name.startswith("allow_"))


def test_every_dataset_is_a_published_mart_as_its_contract_says(made: Bundle) -> None:
    found = {
        dataset["table_name"]: [
            c["column_name"] for c in dataset["columns"] if "expression" not in c
        ]
        for dataset in files(made, "datasets/")
    }
    assert found == {name: CONTRACTS[name] for name in found}
    assert {metric.mart for metric in metrics.load()} <= set(found)
    assert all(dataset["schema"] == "marts" for dataset in files(made, "datasets/"))


def test_every_metric_is_declared_and_says_what_the_declaration_says(
    made: Bundle, published: Path
) -> None:
    found = {
        metric["metric_name"]: (dataset["table_name"], metric["expression"])
        for dataset in files(made, "datasets/")
        for metric in dataset["metrics"]
    }
    assert found == {
        metric.name: (metric.mart, expression)
        for metric in metrics.load()
        if (expression := metrics.expression(metric))
    }
    with duckdb.connect(str(published), read_only=True) as connection:
        for mart, expression in found.values():
            connection.execute(f"select {expression} from marts.{mart}")


def test_columns_of_names_are_told_in_both_languages(made: Bundle, published: Path) -> None:
    datasets = {dataset["table_name"]: dataset for dataset in files(made, "datasets/")}
    told = {
        (name, column["column_name"]): column["expression"]
        for name, dataset in datasets.items()
        for column in dataset["columns"]
        if "expression" in column
    }
    # Of its own name, passed on, of another's name, and one that nothing is named in.
    assert ("customer_360", f"lifecycle_stage{LABELLED}") in told
    assert ("customer_lifecycle_history", f"lifecycle_stage{LABELLED}") in told
    assert ("lifecycle_transitions", f"from_stage{LABELLED}") in told
    assert ("customer_360", f"region{LABELLED}") not in told
    with duckdb.connect(str(published), read_only=True) as connection:
        for (mart, _), expression in told.items():
            connection.execute(f"select {expression} from marts.{mart}")
        case = told["customer_360", f"lifecycle_stage{LABELLED}"]
        stages = "(values ('new'), ('lost'), ('unheard of')) as stages (lifecycle_stage)"
        answer = connection.execute(f"select {case} from {stages}").fetchall()
    assert [text for (text,) in answer] == ["New 新客", "It's lost 流失", "unheard of"]


def test_every_chart_asks_for_columns_and_metrics_that_its_dataset_has(made: Bundle) -> None:
    datasets = {dataset["uuid"]: dataset for dataset in files(made, "datasets/")}
    declared = {metric.name: metric for metric in metrics.load()}
    charts = files(made, "charts/")
    assert len(charts) > 30
    for chart in charts:
        dataset = datasets[chart["dataset_uuid"]]
        columns = {column["column_name"] for column in dataset["columns"]}
        assert set(columns_in(chart["params"])) <= columns, chart["slice_name"]
        for metric in metrics_in(chart["params"]):
            if isinstance(metric, str):
                assert metric in {each["metric_name"] for each in dataset["metrics"]}
            else:  # what cannot be added up over time, by the time that it is of
                own = declared[metric["optionName"].removeprefix("metric_")]
                assert own.over_time == "last"
                assert own.expression in metric["sqlExpression"]
                assert chart["params"]["time_grain_sqla"] == dashboards.GRAINS[own.grain]


def test_dashboards_have_filters_and_show_their_charts_once(made: Bundle) -> None:
    charts = {chart["uuid"] for chart in files(made, "charts/")}
    datasets = {dataset["uuid"]: dataset for dataset in files(made, "datasets/")}
    found = files(made, "dashboards/")
    assert {"this-week", "lifecycle-and-value", "channels", "data-health"} <= {
        dashboard["slug"] for dashboard in found
    }
    shown = []
    for dashboard in found:
        places = [
            part["meta"]
            for part in dashboard["position"].values()
            if isinstance(part, dict) and part["type"] == "CHART"
        ]
        shown += [place["uuid"] for place in places]
        filters = dashboard["metadata"]["native_filter_configuration"]
        assert len(filters) > 1
        numbers = {place["chartId"] for place in places}
        for each in filters:
            outside = set(each["scope"]["excluded"])
            assert outside < numbers, f"{each['name']} narrows nothing"
            (target,) = each["targets"]
            if target:
                dataset = datasets[target["datasetUuid"]]
                assert target["column"]["name"] in {c["column_name"] for c in dataset["columns"]}
        for row in dashboards.load():
            assert all(sum(chart.width for chart in each.charts) <= 12 for each in row.rows)
    assert sorted(shown) == sorted(charts)


def test_titles_are_in_english_and_chinese() -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    for dashboard in dashboards.load():
        texts = [dashboard.title, dashboard.audience, dashboard.question]
        texts += [chart.title for chart in dashboard.charts]
        texts += [each.title for each in dashboard.filters]
        assert all(chinese.search(text.zh) and not chinese.search(text.en) for text in texts)


def test_a_bundle_is_the_same_again_and_is_written_whole(
    made: Bundle, published: Path, tmp_path: Path
) -> None:
    assert bundle(published, metrics.load()) == made
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "gone.yaml").write_text("of an earlier bundle")
    write(made, tmp_path)
    found = {
        str(path.relative_to(tmp_path)): yaml.load(path.read_text(encoding="utf-8"), LOADER)
        for path in tmp_path.rglob("*.yaml")
    }
    assert found == made.files


def test_charts_of_what_an_older_file_lacks_are_left_out(published: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.duckdb"
    older.write_bytes(published.read_bytes())
    with duckdb.connect(str(older)) as connection:
        connection.execute("drop table marts.channel_mix")
    found = bundle(older, metrics.load())
    assert found.missing == ("channel_mix",)
    assert "datasets/channel_mix.yaml" not in found.files
    whole = bundle(published, metrics.load())
    assert len(found.files) == len(whole.files) - 2  # its dataset and its chart


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"metrics": ("of_nobody",)}, "no metric of_nobody"),
        ({"metrics": ("customers",)}, "a metric of customer_360"),
        ({"by": ("order_id",)}, "no dimension order_id"),
        ({"time": "of_nobody"}, "no column of_nobody"),
        ({"metrics": ("net_revenue_28d",)}, "cannot be told by week"),
        ({"time": ""}, "needs the column"),
        ({"kind": "pie"}, "no chart pie"),
        ({"metrics": ()}, "every other chart has metrics"),
    ],
)
def test_a_chart_that_asks_for_what_is_not_there_is_refused(
    published: Path, change: dict[str, Any], problem: str
) -> None:
    dashboard = next(each for each in dashboards.load() if each.slug == "this-week")
    (chart, *_), *_ = (row.charts for row in dashboard.rows)
    wrong = replace(dashboard.rows[0], charts=(replace(chart, **change),))
    with pytest.raises(DashboardError, match=problem):
        bundle(published, metrics.load(), [replace(dashboard, rows=(wrong,))])


def test_a_filter_of_a_column_that_is_not_there_is_refused(published: Path) -> None:
    wrong = dashboards.Filter(Text("Nobody", "无"), "fct_orders", "of_nobody")
    dashboard: Dashboard = replace(dashboards.load()[0], filters=(wrong,))
    with pytest.raises(DashboardError, match="no column of_nobody"):
        bundle(published, metrics.load(), [dashboard])


def test_superset_reads_files_by_the_release_of_duckdb_that_writes_them() -> None:
    locks = [PROJECT / "requirements.lock", PROJECT / "bi" / "requirements.lock"]
    texts = [path.read_text(encoding="utf-8") for path in locks]
    releases = {re.search(r"^duckdb==(\S+)", text, re.MULTILINE)[1] for text in texts}  # type: ignore[index]
    assert len(releases) == 1
    assert "://" not in texts[1]
    assert texts[1].count("==") < texts[1].count("--hash=sha256:")
