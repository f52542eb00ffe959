from enum import StrEnum


class OverlapBody(StrEnum):
    UNTIL_PROVEN = "until_proven"

    def __str__(self) -> str:
        return str(self.value)
