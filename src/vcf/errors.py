"""What can go wrong, as types.

VcfError            anything vcf says no to; carries a hint that tells how to mend it
├── UsageError      flags that contradict each other, an unknown name on the command line
├── MachineError    a machine file that can't be read or does not say what it should
├── CatalogueError  a models file that can't be read or does not say what it should
├── OutputError     the answer could not be written where it was asked for
├── DownloadError   weights could not be fetched whole (``vcf.bench.hub``)
├── MeasureError    a measurement broke off: torch or a driver crashed or hung
└── NothingStored   no measurement of this machine was stored

try:
    machine = vcf.load_machine("desk.yaml")
except vcf.VcfError as error:
    print(error, error.hint)
"""

from __future__ import annotations


class VcfError(Exception):
    """Base of every error that a caller of vcf can expect and mend."""

    kind = "error"
    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        """One line: what is wrong and where."""
        self.hint = hint
        """One line: how to mend it; may be empty."""


class UsageError(VcfError):
    """The command line (or call) asks for something that does not exist or can't be combined."""

    kind = "usage"


class MachineError(VcfError):
    """A machine file, folder or profile can't be read or holds something impossible."""

    kind = "machine"


class CatalogueError(VcfError):
    """A models file can't be read or holds something impossible."""

    kind = "models"


class OutputError(VcfError):
    """The answer could not be written; what stood at that place before is untouched."""

    kind = "output"


class MeasureError(VcfError):
    """A measurement broke off: torch or a driver crashed, hung or answered rubbish."""

    kind = "measure"
    exit_code = 4


class NothingStored(VcfError):
    """What was asked for has not been measured on this machine."""

    kind = "nothing-stored"
    exit_code = 1
