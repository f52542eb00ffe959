from enum import StrEnum


class ToolKindBody(StrEnum):
    MCP = "mcp"
    OPENAPI = "openapi"
    WORKFLOW = "workflow"

    def __str__(self) -> str:
        return str(self.value)
