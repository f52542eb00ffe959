from enum import StrEnum


class Preflight(StrEnum):
    STRICT = "strict"

    def __str__(self) -> str:
        return str(self.value)
