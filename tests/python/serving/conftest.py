"""A chart that two tests share is drawn once: drawing is most of what a page costs."""

import json
from collections.abc import Iterator
from functools import cache

import pytest
import vl_convert


@pytest.fixture(scope="session", autouse=True)
def charts_are_drawn_once() -> Iterator[None]:
    draw = vl_convert.vegalite_to_svg

    @cache
    def drawn(spec: str, vl_version: str) -> str:
        return draw(json.loads(spec), vl_version=vl_version)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            vl_convert,
            "vegalite_to_svg",
            lambda spec, vl_version: drawn(json.dumps(spec), vl_version),
        )
        yield
