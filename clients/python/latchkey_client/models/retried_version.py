from enum import StrEnum


class RetriedVersion(StrEnum):
    PUBLISHED = "published"
    SAME = "same"

    def __str__(self) -> str:
        return str(self.value)
