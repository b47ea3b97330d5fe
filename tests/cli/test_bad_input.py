"""Bad input: one line that names the place, a hint, exit 2, nothing lost, nothing left behind."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from vcf import drafts
from vcf.cli import output
from vcf.errors import OutputError

LAPTOP = "asus-gl552vw"


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("memory: {total: 16GiB\n", ["bad.yaml:2:1", "broken YAML"]),
        ("memory:\n\ttotal: 16GiB\n", ["bad.yaml:2:1", "broken YAML"]),
        (bomb(), ["bad.yaml:1", "anchors and aliases"]),
        ("", ["bad.yaml", "is empty"]),
        ("- a\n- b\n", ["bad.yaml", "list", "mapping"]),
        ("memory: {total: 16Gigs}\n", ["bad.yaml", "memory.total", "unknown unit 'Gigs'", "GiB"]),
        ("memory: {total: -16GiB}\n", ["bad.yaml", "memory.total", "'-16GiB'", "16GiB"]),
        ("memory: {total: '16'}\n", ["bad.yaml", "memory.total", "16GiB"]),
        ("memory: {total_bytes: -1}\n", ["bad.yaml", "memory.total_bytes"]),
        ("gpus: [{vram: 12 GiBs}]\n", ["bad.yaml", "gpus[0].vram"]),
        ("disk: {free: 200Go}\n", ["bad.yaml", "disk.free"]),
        ("memry: {total: 16GiB}\n", ["bad.yaml", "memry"]),
        ("os: beos\n", ["bad.yaml", "os"]),
        ("name: a\nname: b\n", ["bad.yaml:2", "stands twice"]),
    ],
)
def test_bad_files(text, words, vcf, tmp_path) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    vcf("check", "--machine", file).refused(*words)
    vcf("profiles", "show", file).refused(*words)
    assert vcf("check", "--machine", file, "--json").error["kind"] == "machine"


def test_broken_json(vcf, tmp_path) -> None:
    file = tmp_path / "bad.json"
    file.write_text('{"memory": ')
    vcf("check", "--machine", file).refused("bad.json", "broken JSON")


def test_stdin(vcf) -> None:
    vcf("check", "--machine", "-", stdin=b"memory: [").refused("-:", "broken YAML")
    done = vcf("check", "voxcpm-2", "--machine", "-", "--json", stdin=b"memory: {total: 64GiB}")
    assert done.json["results"][0]["machine"]["name"] == "stdin"


def test_huge_file(vcf, tmp_path) -> None:
    file = tmp_path / "huge.yaml"
    with open(file, "wb") as sparse:
        sparse.truncate(2 << 30)
    vcf("check", "--machine", file).refused("huge.yaml: larger than 1 MiB", hint="right file")
    vcf("check", "--models", file).refused("huge.yaml: larger than 4 MiB", hint="right file")


def test_not_text(vcf, tmp_path) -> None:
    file = tmp_path / "photo.yaml"
    file.write_bytes(b"\x89PNG\r\n\x1a\n\xff\x00")
    vcf("check", "--machine", file).refused("photo.yaml: is not text", hint="UTF-8")


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        (["--machine", "/no/such.yaml"], ["/no/such.yaml: No such file"], "vcf profiles list"),
        (["--machine", "asus"], ["asus: no such file and no profile"], "'asus-gl552vw'"),
        (["--machine", "x" * 5000], ["File name too long"], ""),
        (["--machine", "a\0b"], ["no such file"], ""),
        (["--models", "/no/such.yaml"], ["/no/such.yaml: No such file"], ""),
        (["voxcmp-2"], ["unknown model 'voxcmp-2'"], "did you mean 'voxcpm-2'"),
        (["gpt-sovits"], ["unknown model 'gpt-sovits'"], "known: voxcpm-0.5b"),
        ([""], ["unknown model ''"], "known: "),
        ([":gpu"], ["unknown model ''"], "known: "),
        (["voxcpm-2:gpus"], ["unknown mode 'gpus'"], "did you mean 'gpu'"),
        (["--mode", "tpu"], ["unknown mode 'tpu'"], ""),
        (["voxcpm-0.5b:vllm"], ["voxcpm-0.5b has no mode 'vllm'"], "it has: cpu-fp32"),
        (["indextts:onnx"], ["indextts has no mode 'onnx'"], "it has: "),
        (["indextts-1.5", "--mode", "nano-vllm"], ["none of the models asked for"], ""),
        (["--gpu", "RTX 3O60"], ["--gpu: no card is called 'RTX 3O60'"], ""),
        (["--gpu", "RTX 3065"], ["'RTX 3065'"], "did you mean"),
        (["--gpu", ""], ["no card is called ''"], "docs/gpu-table.md"),
        (["--gpu", "x" * 20_000], ["no card is called 'xxx"], "docs/gpu-table.md"),
        (["--gpu", "RTX 3060 8GB", "--vram", "12GiB"], ["contradicts --vram"], ""),
        (["--gpu", "RTX 4090", "--vram", "48GiB"], ["does not exist with 48 GiB"], "with 24 GiB"),
        (["--gpu", "none", "--vram", "8GiB"], ["--gpu none contradicts"], ""),
        (["--gpu", "none", "--driver", "572.16"], ["--gpu none contradicts"], ""),
        (["--gpu", "RTX 3060", "--driver", "new"], ["--driver: 'new'"], "572.16"),
        (["--driver", "572.16.1.2"], ["--driver: '572.16.1.2'"], "572.16"),
        (["--vram", "12"], ["--vram: '12' is not a size"], ""),
        (["--ram", "-16GiB"], ["--ram: '-16GiB' is not a size"], ""),
        (["--ram", "16Gigs"], ["--ram", "unknown unit 'Gigs'"], ""),
        (["--ram", "0GiB"], ["--ram: zero"], ""),
        (["--ram", "9999999TB"], ["--ram", "beyond 8 PiB"], ""),
        (["--disk", "lots"], ["--disk: 'lots' is not a size"], ""),
        (["--cores", "0"], ["--cores: 0"], ""),
        (["--cores", "5000"], ["--cores: 5000"], ""),
        (["--cores", "-3"], ["--cores: -3"], ""),
        (["--cores", "2.5"], ["--cores", "2.5"], "vcf check --help"),
        (["--os", "amiga"], ["--os", "amiga"], "vcf check --help"),
        (["--max-rtf", "0"], ["--max-rtf: 0 is no RTF"], "real time is 1"),
        (["--max-rtf", "-1"], ["--max-rtf: -1 is no RTF"], "real time is 1"),
        (["--max-rtf", "nan"], ["--max-rtf: nan is no RTF"], "real time is 1"),
        (["--max-rtf", "fast"], ["--max-rtf", "fast"], "vcf check --help"),
        (["--format", "xml"], ["--format", "xml"], "vcf check --help"),
        (["--lang", "fr"], ["--lang", "fr"], "vcf check --help"),
    ],
)
def test_bad_arguments(arguments, words, hint, vcf) -> None:
    own = [] if "--machine" in arguments else ["--machine", LAPTOP]
    vcf("check", *arguments, *own).refused(*words, hint=hint)


@pytest.mark.parametrize("flag", [["--vram", "8GiB"], ["--driver", "572.16"]])
def test_no_gpu_to_change(flag, vcf) -> None:
    done = vcf("check", "--machine", "office-pc-i5-4590", "--gpu", "none", *flag)
    done.refused("--gpu none contradicts")
    done = vcf("check", "--machine", "cloud-vm-2-core-4gb", *flag)
    kind = "NVIDIA GPU" if flag[0] == "--driver" else "GPU"
    done.refused(f"{flag[0]}: this machine has no {kind} to change", hint="--gpu")


def test_folders(vcf, tmp_path) -> None:
    for form in ("json", "table", "csv", "markdown", "junit"):
        done = vcf("check", "--machine", tmp_path, "--format", form)
        assert done.code == 2
        if form == "json":
            assert "holds no machine file" in done.error["message"]
            assert "*.yaml" in done.error["hint"]
        else:
            done.refused("holds no machine file", hint="*.yaml")
    (tmp_path / "a.yaml").write_text("memory: {total: 16GiB}\n")
    for flag in (["--gpu", "RTX 3060"], ["--ram", "8GiB"], ["--os", "linux"]):
        vcf("check", "--machine", tmp_path, *flag).refused("what-if", "folder")


def test_empty_folder_leaves_no_file(vcf, tmp_path) -> None:
    (tmp_path / "machines").mkdir()
    file = tmp_path / "out.json"
    done = vcf("check", "--json", "--machine", tmp_path / "machines", "--output", file)
    assert done.code == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["machines"]


@pytest.mark.parametrize(
    "flags",
    [["--save", "x.yaml"], ["--deep"], ["--save", "x.yaml", "--deep"], ["--json", "--deep"]],
)
def test_raw_stands_alone(flags, vcf, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = vcf("probe", "--raw", *flags)
    if "--json" in flags:
        assert "--raw stands alone" in done.error["message"]
    else:
        done.refused("--raw stands alone", hint="without --save and --deep")
    assert list(tmp_path.iterdir()) == []


def test_two_documents_of_models(vcf, tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("models: {voxcpm-2: {colour: blue}}\n")
    vcf("check", "--models", file).refused("mine.yaml: models.voxcpm-2", "colour")
    vcf("models", "list", "--models", file).refused("mine.yaml: models.voxcpm-2", "colour")
    vcf("models", "show", "voxcpm-2", "--models", file).refused("colour")
    file.write_text("models: {voxcpm-2: {modes: {cpu-fp32: {runtime: nothing}}}}\n")
    vcf("check", "--models", file).refused("modes.cpu-fp32.runtime", "'nothing'")


FORMS = ("table", "json", "markdown", "csv", "junit")


def places(tmp_path: Path) -> dict[str, str]:
    blocker = tmp_path / "file"
    blocker.write_text("kept")
    return {
        "folder": str(tmp_path),
        "missing folder": str(tmp_path / "no" / "where.txt"),
        "below a file": str(blocker / "x.txt"),
        "too long": str(tmp_path / ("x" * 300)),
        "root": "/",
        "empty": "",
        "nul": "a\0b",
        "full": "/dev/full",
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "place",
    ["folder", "missing folder", "below a file", "too long", "root", "empty", "nul", "full"],
)
def test_bad_output(place, form, vcf, tmp_path) -> None:
    path = places(tmp_path)[place]
    if place == "full" and not os.path.exists(path):
        pytest.skip("no /dev/full on this system")
    done = vcf("check", "voxcpm-2:cpu", "--machine", LAPTOP, "--format", form, "--output", path)
    assert done.code == 2
    if form == "json":
        assert done.error["kind"] == "output"
        assert done.error["hint"]
    else:
        done.refused(hint=" ")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("place", ["folder", "missing folder"])
def test_bad_save(place, vcf, tmp_path) -> None:
    vcf("probe", "--save", places(tmp_path)[place]).refused(str(tmp_path), hint=" ")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_read_only_folder(vcf, tmp_path) -> None:
    tmp_path.chmod(0o500)
    try:
        done = vcf("check", "--machine", LAPTOP, "--output", tmp_path / "x.txt")
    finally:
        tmp_path.chmod(0o700)
    done.refused("Permission denied", hint="nothing was written")


def denied(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")


def test_unwritable_folder(vcf, tmp_path, monkeypatch) -> None:
    """As above, where tests run as root."""
    monkeypatch.setattr(drafts, "open", denied, raising=False)
    done = vcf("check", "--machine", LAPTOP, "--output", tmp_path / "x.txt")
    done.refused("x.txt: Permission denied", hint="nothing was written")
    assert list(tmp_path.iterdir()) == []


def test_folder_that_may_not_be_seen(vcf, monkeypatch) -> None:
    monkeypatch.setattr(Path, "is_dir", denied)
    vcf("check", "--machine", "/somebody/else.yaml").refused("else.yaml: Permission denied")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_old_file_survives(call, form, vcf, tmp_path, monkeypatch) -> None:
    file = tmp_path / "answer"
    file.write_text("old")
    monkeypatch.setattr(output.os, call, denied)
    done = vcf("check", "--machine", LAPTOP, "--format", form, "--output", file)
    assert done.code == 2
    assert file.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["answer"]


def test_old_file_survives_an_interruption(vcf, tmp_path) -> None:
    file = tmp_path / "answer"
    file.write_text("old")
    with pytest.raises(KeyboardInterrupt), output.sink(str(file)) as stream:
        stream.write(b"half of")
        raise KeyboardInterrupt
    assert file.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["answer"]


def test_whole_file_is_replaced(vcf, tmp_path) -> None:
    file = tmp_path / "answer.md"
    file.write_text("old and longer\n" * 10_000)
    done = vcf("check", "--machine", LAPTOP, "--format", "markdown", "--output", file)
    assert (done.out, done.err) == ("", "")
    assert file.read_text(encoding="utf-8").startswith("## asus-gl552vw")
    assert "old" not in file.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["answer.md"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_a_link_stays_a_link(vcf, tmp_path) -> None:
    (tmp_path / "real").mkdir()
    file, link = tmp_path / "real" / "answer", tmp_path / "link"
    link.symlink_to(file)
    for _ in range(2):  # made first, replaced then
        assert vcf("check", "--machine", LAPTOP, "--output", link, "voxcpm-0.5b").code == 0
        assert link.is_symlink()
        assert "voxcpm-0.5b" in file.read_text(encoding="utf-8")
    assert [p.name for p in file.parent.iterdir()] == ["answer"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes in folders")
def test_a_pipe_is_written_to(tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        output.write_text("through\n", str(pipe))
        assert os.read(reader, 100) == b"through\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_long_names_are_possible(tmp_path) -> None:
    file = tmp_path / ("x" * 255)
    output.write_text("fits", str(file))
    assert file.read_text() == "fits"


def test_output_errors_are_vcf_errors(tmp_path) -> None:
    with pytest.raises(OutputError) as raised:
        output.write_text("x", str(tmp_path))
    assert raised.value.exit_code == 2
    assert "is a folder" in raised.value.message


def test_no_command_is_an_error_with_help(vcf) -> None:
    vcf("chekc").refused("chekc", hint="vcf --help")
    vcf("check", "--nonsense").refused("--nonsense", hint="vcf check --help")
    vcf("models").refused("Missing command", hint="vcf models --help")
    vcf("schema", "nothing").refused("nothing", hint="vcf schema --help")
    vcf("profiles", "show", "nothing-like-it").refused("no profile", hint="vcf profiles list")


@pytest.mark.parametrize("sign", ["\\u001b[31m", "\\u202e", "\\u0007", "\\u009b"])
def test_a_models_file_that_would_act_on_the_terminal_is_refused(sign, vcf, tmp_path) -> None:
    file = tmp_path / "mine.json"
    file.write_text('{"models": {"voxcpm-2": {"name": "Evil' + sign + '"}}}')
    for command in (("check",), ("plan",), ("models", "show", "voxcpm-2"), ("report",)):
        own = [] if command[0] == "models" else ["--machine", LAPTOP]
        done = vcf(*command, *own, "--models", file)
        done.refused("models.voxcpm-2.name", "U+", hint="remove it")


@pytest.mark.parametrize("text", ['{"name": "x\\ud800y"}', '{"software": {"torch": "\\udfff"}}'])
@pytest.mark.parametrize("command", ["check", "plan", "report"])
def test_half_characters_are_refused(text, command, vcf, tmp_path) -> None:
    file = tmp_path / "half.json"
    file.write_text(text)
    vcf(command, "--machine", file).refused("half a character", hint="whole")
    assert vcf(command, "--machine", file, "--json").code == 2


def test_a_link_to_itself_is_no_place_to_write(vcf, tmp_path) -> None:
    loop = tmp_path / "loop.md"
    loop.symlink_to(loop)
    for command in (["check"], ["plan"], ["report"], ["compare", "office-pc-i5-4590", LAPTOP]):
        own = [] if command[0] == "compare" else ["--machine", LAPTOP]
        done = vcf(*command, *own, "-o", loop)
        assert done.code == 2 and "Traceback" not in done.err


def test_what_others_may_read_stays_as_it_was(vcf, tmp_path) -> None:
    file = tmp_path / "plan.txt"
    file.write_text("old")
    file.chmod(0o600)
    assert vcf("plan", "voxcpm-2", "--machine", LAPTOP, "-o", file).code == 0
    assert file.stat().st_mode & 0o777 == 0o600
