"""Documents from people: limits, strict parsing, errors with a place."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Literal

import msgspec
import pytest
import yaml

from vcf import documents
from vcf.documents import (
    DEEPEST,
    convert,
    explain,
    nearest,
    package_path,
    parse,
    read_text,
)
from vcf.errors import CatalogueError, MachineError, VcfError


def refusal(text: str, path: str = "x.yaml") -> str:
    with pytest.raises(VcfError) as caught:
        parse(text, path, VcfError)
    return caught.value.message


# ---- reading ----------------------------------------------------------------------------------


def test_a_file_may_be_exactly_as_long_as_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a" * 8)
    assert read_text(str(path), 8, VcfError) == "a" * 8
    with pytest.raises(VcfError, match="larger than 0 MiB"):
        read_text(str(path), 7, VcfError)


def test_standard_input_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a" * 9)))
    with pytest.raises(VcfError, match=r"^-: larger than"):
        read_text("-", 8, VcfError)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX file modes")
def test_a_file_that_can_t_be_opened_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(MachineError, match="x: Permission denied"):
        read_text("x", 8, MachineError)


def test_standard_input_that_can_t_be_read_has_no_hint_about_profiles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken:
        class buffer:
            @staticmethod
            def read(_: int) -> bytes:
                raise OSError(5, "Input/output error")

    monkeypatch.setattr("sys.stdin", Broken)
    with pytest.raises(MachineError, match="-: Input/output error") as caught:
        read_text("-", 8, MachineError)
    assert caught.value.hint == ""


def test_a_null_byte_in_a_name_is_an_ordinary_error() -> None:
    with pytest.raises(VcfError, match="null byte"):
        read_text("a\0b", 8, VcfError)


def test_half_a_utf_16_character_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfea")
    with pytest.raises(CatalogueError, match="is not text: truncated data"):
        read_text(str(path), 99, CatalogueError)


# ---- parsing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1", {"a": 1}),
        ('{"a": [1, null, true, "x"]}', {"a": [1, None, True, "x"]}),
        ("  {a: 1}", {"a": 1}),
        ("{}", {}),
        ("a: 2026-01-02", {"a": "2026-01-02"}),
        ("a: 2026-01-02 10:11:12", {"a": "2026-01-02 10:11:12"}),
        ("a: '*b'\nc: x & y", {"a": "*b", "c": "x & y"}),
        ("a:\n  - b: {c: d}", {"a": [{"b": {"c": "d"}}]}),
    ],
)
def test_documents(text: str, data: object) -> None:
    assert parse(text, "x.yaml", VcfError) == data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1: a", "x.yaml:1:1: broken YAML: the key 1 is not text"),
        ("? [a]\n: b", "x.yaml:1:3: broken YAML: the key ['a'] is not text"),
        ("yes: a", "x.yaml:1:1: broken YAML: the key True is not text"),
        ("a: {b: 1, b: 2}", "x.yaml:1:11: broken YAML: the key 'b' stands twice"),
        ("{'a': 1, 'a': 2}", "x.yaml:1:10: broken YAML: the key 'a' stands twice"),
        ("a: !!python/name:os.system x",
         "x.yaml:1:4: broken YAML: could not determine a constructor for the tag "
         "'tag:yaml.org,2002:python/name:os.system'"),
        ("<<: {a: 1}",
         "x.yaml:1:1: broken YAML: could not determine a constructor for the tag "
         "'tag:yaml.org,2002:merge'"),
        ("a: 1\n---\nb: 2", "x.yaml:2:1: broken YAML: but found another document"),
        ("a: 0b_", "x.yaml: broken YAML: invalid literal for int() with base 2: ''"),
        ("a: !!bool xyz", "x.yaml: broken YAML: a value does not fit its tag"),
        ("a: !!int ''", "x.yaml: broken YAML: a value does not fit its tag"),
        ("a: !!float ''", "x.yaml: broken YAML: a value does not fit its tag"),
        ("a: !!timestamp x", "x.yaml: broken YAML: a value does not fit its tag"),
        ("a: !!set [x]", "x.yaml:1:4: broken YAML: a mapping is expected"),
        ("!!set {a, b}", "x.yaml: holds a set where a mapping (key: value) is expected"),
        ("a: !!map x", "x.yaml:1:4: broken YAML: a mapping is expected"),
        ("a: *b", "x.yaml:1: anchors and aliases (& and *) are not accepted"),
        ("a: &b c", "x.yaml:1: anchors and aliases (& and *) are not accepted"),
        ("\n\na: &b {c: d}", "x.yaml:3: anchors and aliases (& and *) are not accepted"),
        ("a: &b [c]", "x.yaml:1: anchors and aliases (& and *) are not accepted"),
        ("\x01", "x.yaml: broken YAML: unacceptable character #x0001"),
        ("12", "x.yaml: holds a int where a mapping (key: value) is expected"),
    ],
)  # fmt: skip
def test_what_is_no_plain_document_is_refused_with_its_line(text: str, message: str) -> None:
    told = refusal(text)
    assert told.startswith(message)
    assert "\n" not in told


@pytest.mark.parametrize("depth", [DEEPEST + 1, 900, 3000, 20_000, 100_000])
@pytest.mark.parametrize(
    "make",
    [
        lambda n: "a: " + "[" * n + "]" * n,
        lambda n: "a: " + "[" * n,
        lambda n: "- " * n + "a",
        lambda n: "? " * n + "a",
        lambda n: "a: " + "{a: " * n + "1" + "}" * n,
        lambda n: "{? " * n + "a" + "}" * n,
    ],
    ids=["lists", "open lists", "blocks", "keys", "mappings", "keys in braces"],
)
def test_no_depth_of_nesting_ends_the_process(make, depth: int) -> None:
    """libyaml recurses: 100 000 brackets in 100 kB overran the stack."""
    try:
        data = parse(make(depth), "x.yaml", VcfError)
    except VcfError as error:
        assert error.message.startswith("x.yaml")
    else:
        assert depth < 2000 and isinstance(data, dict)


def test_what_is_far_too_deep_is_called_so() -> None:
    assert refusal("a: " + "[" * 5000 + "]" * 5000) == "x.yaml: nested too deeply"
    assert refusal("- " * 5000 + "a") == "x.yaml: nested too deeply"
    assert refusal("a: " + "{? " * 600 + "b" + "}" * 600) == "x.yaml: nested too deeply"
    assert refusal('{"a":' * 100_000 + "1" + "}" * 100_000, "x.json") == "x.json: nested too deeply"


def test_many_brackets_side_by_side_are_no_depth() -> None:
    text = "\n".join(f"k{i}: [{{a: [b]}}, {{c: d}}]" for i in range(1000))
    assert len(parse(text, "x.yaml", VcfError)) == 1000


def test_dates_and_sexagesimals_are_not_guessed() -> None:
    assert parse("a: 2026-01-01", "x", VcfError) == {"a": "2026-01-01"}
    assert parse("a: '12:30'", "x", VcfError) == {"a": "12:30"}


def test_without_libyaml_the_slow_loader_is_as_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(yaml, "CSafeLoader")
    monkeypatch.setattr(documents, "_loader", None)
    assert parse("a: 1", "x.yaml", VcfError) == {"a": 1}
    assert refusal("a: 1\na: 2") == "x.yaml:2:1: broken YAML: the key 'a' stands twice"
    assert "anchors and aliases" in refusal("a: &b 1")
    assert refusal("a: " + "[" * 900 + "]" * 900) == "x.yaml: nested too deeply"


# ---- converting -------------------------------------------------------------------------------


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    colour: Literal["red", "blue"] | None = None
    names: dict[str, Literal["a", "b"]] = {}


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    inner: Inner | None = None
    rows: list[Inner] = []
    keyed: dict[Literal["x", "y"], int] = {}
    count: int = 0


@pytest.mark.parametrize(
    ("data", "message", "hint"),
    [
        ({"inner": {"colour": "green"}}, "inner.colour: invalid enum value 'green'",
         "one of: blue, red"),
        ({"rows": [{}, {"colour": "x"}]}, "rows[1].colour: invalid enum value 'x'",
         "one of: blue, red"),
        ({"inner": {"names": {"k": "c"}}}, "inner.names[...]: invalid enum value 'c'",
         "one of: a, b"),
        ({"keyed": {"z": 1}}, "keyed: invalid enum value 'z'", "one of: x, y"),
        ({"keyed": {"x": "one"}}, "keyed[...]: expected 'int', got 'str'", ""),
        ({"inner": {"color": 1}}, "inner: unknown field 'color'", "did you mean 'colour'?"),
        ({"inner": {"zzz": 1}}, "inner: unknown field 'zzz'", "known fields: colour, names"),
        ({"cuont": 1}, "unknown field 'cuont'", "did you mean 'count'?"),
        ({"count": None}, "count: expected 'int', got 'null'", ""),
        (3, "expected 'object', got 'int'", ""),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_by_its_path(data: object, message: str, hint: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        convert(data, Outer, "x.yaml", CatalogueError)
    assert caught.value.message == f"x.yaml: {message}"
    assert caught.value.hint == hint


def test_what_fits_is_converted() -> None:
    assert convert({"inner": {"colour": "red"}}, Outer, "x", VcfError).inner.colour == "red"


def test_a_message_without_a_path_is_told_as_it_is() -> None:
    assert explain("Object missing required field `a`", Outer) == (
        ": missing required field 'a'", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("word", "hint"), [("memroy", "did you mean 'memory'?"), ("zzz", ""), ("", "")]
)
def test_nearest(word: str, hint: str) -> None:
    assert nearest(word, ["memory", "disk"]) == hint


def test_files_of_the_wheel_come_before_those_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert package_path("models.yaml").is_file()
    monkeypatch.setattr(documents, "__file__", str(tmp_path / "src" / "vcf" / "documents.py"))
    data = tmp_path / "src" / "vcf" / "data"
    data.mkdir(parents=True)
    assert package_path("models.yaml") == tmp_path / "models.yaml"
    (data / "models.yaml").touch()
    assert package_path("models.yaml") == data / "models.yaml"
