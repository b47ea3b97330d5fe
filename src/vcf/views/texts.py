"""The words of a judgement, English and Chinese, by message id."""

from __future__ import annotations

from .texts_advice import ADVICE
from .texts_doctor import DOCTOR
from .texts_gates import GATES
from .texts_plan import CHANGES

TEXTS: dict[str, tuple[str, str]] = {**GATES, **ADVICE, **DOCTOR, **CHANGES}
