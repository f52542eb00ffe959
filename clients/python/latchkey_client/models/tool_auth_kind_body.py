from enum import StrEnum


class ToolAuthKindBody(StrEnum):
    API_KEY = "api_key"
    BASIC = "basic"
    BEARER = "bearer"
    NONE = "none"

    def __str__(self) -> str:
        return str(self.value)
