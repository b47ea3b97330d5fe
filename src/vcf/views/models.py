"""Models in words for the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from ..catalogue.model import Catalogue, Model, Need
from .words import Lang, label, source_text, tell


def _table(*heads: str, ratio: int | None = None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, head in enumerate(heads):
        table.add_column(head, overflow="fold", ratio=1 if index == ratio else None)
    return table


def list_models(catalogue: Catalogue, lang: Lang) -> Table:
    """One line per model."""
    heads = [label(k, lang) for k in ("model", "released", "parameters", "languages", "summary")]
    table = _table(*heads, ratio=4)
    for key, model in catalogue.models.items():
        total = sum(part.millions for part in model.parameters)
        languages = ", ".join(model.languages[:5]) + (" …" if len(model.languages) > 5 else "")
        table.add_row(
            Line(key, style="cyan"),
            Line(model.released),
            Line(f"{total:,.0f} M"),
            Line(languages),
            Line(tell(model.summary, lang)),
        )
    return table


def show_model(key: str, catalogue: Catalogue, lang: Lang) -> RenderableType:
    """Everything about one model."""
    model = catalogue.models[key]
    return Group(
        Line(f"{model.name} ({key})", style="bold cyan"),
        Line(tell(model.summary, lang)),
        _about(model, catalogue, lang),
        Line(),
        Line(label("requirements", lang), style="bold"),
        _requirements(model, catalogue, lang),
        Line(),
        Line(label("modes", lang), style="bold"),
        _modes(model, catalogue, lang),
        Line(),
    )


def _about(model: Model, catalogue: Catalogue, lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold", ratio=1)

    def add(name: str, text: str) -> None:
        table.add_row(Line(label(name, lang)), Line(text))

    add("released", model.released)
    parts = " + ".join(f"{part.id} {part.millions:g} M" for part in model.parameters)
    add("parameters", parts)
    add("languages", ", ".join(model.languages))
    if model.dialects:
        add("dialects", ", ".join(tell(dialect, lang) for dialect in model.dialects))
    add("emotion", tell(model.emotion, lang))
    add("cloning", tell(model.cloning.text, lang))
    add("output", f"{model.sample_rate_hz / 1000:g} kHz")
    notice = model.licence.notice
    told = f"{model.licence.code} / {model.licence.weights}"
    add("licence", told + (f". {tell(notice, lang)}" if notice else ""))
    add("code", model.links.code)
    for link in model.links.weights:
        add("weights", link.url)
    for link in model.links.demos:
        add("demo", link.url + (f" ({tell(link.note, lang)})" if link.note else ""))
    return table


def _requirements(model: Model, catalogue: Catalogue, lang: Lang) -> RenderableType:
    """Each requirement in a line, what is known for or against it and its source below."""
    lines: list[RenderableType] = []
    for requirement in model.requirements:
        line = Line("  ")
        line.append(f"{label('of-' + requirement.of, lang)} · {label(requirement.level, lang)}: ")
        line.append(tell(requirement.value, lang), style="bold")
        lines.append(line)
        if requirement.remark is not None:
            lines.append(Padding(Line(tell(requirement.remark, lang)), (0, 0, 0, 6)))
        source = source_text(requirement.source, catalogue) or ""
        lines.append(Padding(Line(source, style="dim", overflow="fold"), (0, 0, 0, 6)))
    return Group(*lines)


def _modes(model: Model, catalogue: Catalogue, lang: Lang) -> Table:
    heads = [label(k, lang) for k in ("mode", "vram-need", "ram-need", "disk-need", "runtime")]
    table = _table(*heads, ratio=4)
    for mode_id, mode in model.modes.items():
        memory, disk = mode.memory, mode.disk
        ram = max(
            (n for n in (memory.host_load, memory.host_run) if n is not None),
            key=lambda n: n.need_gib,
            default=None,
        )
        table.add_row(
            Line(mode_id),
            Line(_need(memory.device)),
            Line(_need(ram)),
            Line("–" if disk is None else f"{disk.weights_gb + disk.environment_gb:.1f} GB"),
            Line(tell(catalogue.runtimes[mode.runtime].name, lang)),
        )
    return table


def _need(need: Need | None) -> str:
    if need is None:
        return "–"
    if need.low_gib == need.high_gib:
        return f"{need.need_gib:.1f} GiB"
    return f"{need.need_gib:.1f} ({need.low_gib:.1f}–{need.high_gib:.1f}) GiB"
