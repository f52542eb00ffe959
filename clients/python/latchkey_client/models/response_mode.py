from enum import StrEnum


class ResponseMode(StrEnum):
    BLOCKING = "blocking"
    DETACHED = "detached"
    STREAMING = "streaming"

    def __str__(self) -> str:
        return str(self.value)
