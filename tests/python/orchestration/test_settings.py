"""What the environment says, and which day it makes today."""

import pytest

from orchestration.defs.landing import today
from orchestration.settings import SettingsError, load_settings


def test_nothing_is_set_by_default() -> None:
    settings = load_settings({})
    assert (settings.time_zone, settings.currency) == (None, None)
    assert settings.reused_numbers_share == 0


def test_the_report_opens_in_the_language_that_is_set() -> None:
    assert load_settings({}).report_languages == ("en", "zh")
    settings = load_settings({"LIFECYCLE_LANGUAGE": " ZH", "LIFECYCLE_REPORT_TITLE": " Ours "})
    assert settings.report_languages == ("zh", "en")
    assert settings.report_title == "Ours"


def test_time_zone_currency_and_tolerance_are_read() -> None:
    settings = load_settings(
        {
            "LIFECYCLE_TIME_ZONE": "Europe/Paris",
            "LIFECYCLE_CURRENCY": " eur",
            "LIFECYCLE_REUSED_NUMBERS_SHARE": "0.01",
        }
    )
    assert (settings.time_zone, settings.currency) == ("Europe/Paris", "EUR")
    assert settings.reused_numbers_share == 0.01


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIFECYCLE_TIME_ZONE", "Paris"),
        ("LIFECYCLE_TIME_ZONE", "../etc/passwd"),
        ("LIFECYCLE_CURRENCY", "euro"),
        ("LIFECYCLE_ENGINE", "postgres"),
        ("LIFECYCLE_LANGUAGE", "fr"),
        ("LIFECYCLE_REUSED_NUMBERS_SHARE", "5"),
        ("LIFECYCLE_REUSED_NUMBERS_SHARE", "1%"),
        ("LIFECYCLE_PUBLISH_TO", "oracle"),
        ("LIFECYCLE_ALERT_ON", "failed,late"),
        ("LIFECYCLE_POSTGRES", "host=here"),
    ],
)
def test_a_value_that_cannot_be_used_is_told(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})


def test_alerts_are_about_what_is_asked_for_what_matters_first() -> None:
    assert load_settings({}).alert_on == ("failed", "restated", "warned")
    assert load_settings({"LIFECYCLE_ALERT_ON": "Warned, failed"}).alert_on == ("failed", "warned")


def test_a_password_is_told_by_no_error_and_no_representation() -> None:
    with pytest.raises(SettingsError) as error:
        load_settings({"LIFECYCLE_POSTGRES": "postgresql://me:hunter2@x@host/shop"})
    assert "hunter2" not in str(error.value)
    settings = load_settings(
        {
            "LIFECYCLE_POSTGRES": "postgresql://me:hunter2@host/shop",
            "LIFECYCLE_ALERT_WEBHOOK": "https://chat.example/hunter2",
        }
    )
    assert "hunter2" not in repr(settings)


def test_today_is_the_retailers() -> None:
    # 26 hours apart: never the same day.
    east, west = ("Pacific/Kiritimati", "Etc/GMT+12")
    assert today(load_settings({"LIFECYCLE_TIME_ZONE": east})) > today(
        load_settings({"LIFECYCLE_TIME_ZONE": west})
    )
