"""What other work than the standard one adds to memory: longer clips, longer speech, emotion."""

from __future__ import annotations

from ..catalogue.model import Growth
from ..units import GIB, MIB
from .subject import Subject
from .workload import Workload, pieces


def longer(subject: Subject, asked: Workload) -> int:
    """Bytes that longer clips add to the activations that the need covers."""
    growth = subject.model.growth
    if growth is None:
        return 0
    return max(0, activations(subject, growth, asked) - covered(growth))


def activations(subject: Subject, growth: Growth, asked: Workload) -> int:
    """Bytes while the clip is encoded or the speech decoded, whichever is more: the one is given
    back before the other begins."""
    clip, speech = asked.reference_seconds, asked.speech_seconds / pieces(subject.model, asked)
    if growth.reference_seconds_max is not None:
        clip = min(clip, growth.reference_seconds_max)
    if growth.speech_seconds_max is not None:
        speech = min(speech, growth.speech_seconds_max)
    return int(max(clip * growth.reference_mib_s, speech * growth.speech_mib_s) * MIB)


def covered(growth: Growth) -> int:
    """Bytes of activations that the catalogue's needs hold already."""
    clip = growth.reference_seconds * growth.reference_mib_s
    return int(max(clip, growth.speech_seconds * growth.speech_mib_s) * MIB)


def emotion(subject: Subject, asked: Workload) -> int:
    """Bytes of the model beside the model, where it is asked for and the program can load it."""
    beside = subject.model.emotion_model
    if beside is None or not asked.emotion or subject.runtime.kernels != "torch":
        return 0
    return int(beside.gib * GIB)
