"""Addresses and numbers of persons do not come into what people and logs are told."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landing.files import land_files
from landing.masking import masked
from landing.problems import LandingError


@pytest.mark.parametrize(
    "personal",
    [
        "ann@example.org",
        "Ann.B+shop@mail.example.co",
        "z\u00fcleyha@b\u00fccher.example",
        "+49 555 777 1",
        "+495557771",
        "(0555) 777 123",
        "0555/777123",
        "0555 777 1",
        "555-777-1234",
    ],
)
def test_what_looks_personal_is_masked_wherever_it_stands(personal: str) -> None:
    for text in (personal, f"order_id {personal}, amount 5", f"expected a date: '{personal}'"):
        assert personal not in masked(text)
        assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "order_id 20240601-001-12, ordered_at 2024-06-01 10:00:00",
        "basket 27601281299, product_id 1234567, amount -1,234.50",
        "3 of 1,000 rows with 1,234,567.00 of net revenue",
        "Permission denied: /home/ann@example.org/data",
        "2018-01-01 00:00:00+00",
    ],
)
def test_identifiers_amounts_dates_and_paths_are_told(text: str) -> None:
    assert masked(text) == text


@given(st.from_regex(r"[A-Za-z0-9]{1,12}(-[A-Za-z0-9]{1,6}){0,2}", fullmatch=True))
def test_codes_are_told_unless_they_read_like_a_telephone_number(code: str) -> None:
    groups = [len(part) for part in code.split("-")]
    if not (groups == [3, 3, 4] and code.replace("-", "").isdigit()):
        assert masked(code) == code


@pytest.mark.parametrize(
    "customers",
    [
        "c1,Zoe Planted,zoe@planted.example,+49 555 777 1",
        "c1,Zoe Planted,zoe@planted.example,",
        "c1,Zoe Planted,Zoe Planted",
        "customer_id,full_name,email,registered_at\nc1,Doe,John,zoe@planted.example",
        "customer_id,full_name,email,registered_at\nc1,x,y,Zoe Planted",
        "customer_id,full_name\nc1,Zoe Planted,zoe@planted.example",
        'customer_id,full_name\nc1,"Zoe Planted',
    ],
    ids=["header", "unnamed", "twice", "address", "slipped", "ragged", "quote"],
)
def test_a_wrong_file_about_persons_is_told_without_them(tmp_path: Path, customers: str) -> None:
    source = tmp_path / "files"
    source.mkdir()
    (source / "customers.csv").write_text(f"{customers}\n")
    (source / "accounts.csv").write_text("account_id,customer_id\na1,c1\n")
    with pytest.raises(LandingError) as raised:
        land_files(source, tmp_path / "landing", landed_on=date(2024, 6, 30))
    assert "crm.customers" in str(raised.value)
    for personal in ("Zoe", "Planted", "planted.example", "555 777"):
        assert personal not in str(raised.value)
