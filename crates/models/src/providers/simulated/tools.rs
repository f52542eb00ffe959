//! How the simulated model calls tools: the first one that it is offered, once for each question.

use serde_json::json;

use crate::chat::{ChatRequest, Role, ToolCallPiece};

use super::example;

/// The call that it makes; none when it has no tools, or a tool has answered since the last question.
pub(super) fn call(request: &ChatRequest) -> Option<ToolCallPiece> {
    let tool = request.tools.first()?;
    let question = request
        .messages
        .iter()
        .rposition(|message| message.role == Role::User);
    let since = &request.messages[question.map_or(0, |at| at + 1)..];
    if since.iter().any(|message| message.role == Role::Tool) {
        return None;
    }
    let asked = question.map(|at| request.messages[at].content.plain());
    let arguments = match example(&tool.parameters, &asked.unwrap_or_default(), 0) {
        arguments if arguments.is_object() => arguments,
        _ => json!({}),
    };
    Some(ToolCallPiece {
        index: 0,
        id: Some(format!("call_{}", request.messages.len())),
        name: Some(tool.name.clone()),
        arguments: arguments.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::call;
    use crate::chat::{ChatRequest, Message, Role, Tool};

    #[test]
    fn a_tool_is_called_once_for_each_question() {
        let properties = json!({"city": {"type": "string"}, "days": {"type": "number"}});
        let mut request = ChatRequest {
            messages: vec![Message::text(Role::User, "Rome?")],
            ..ChatRequest::default()
        };
        assert_eq!(call(&request), None);
        request.tools = vec![Tool {
            name: "weather".to_owned(),
            description: String::new(),
            parameters: json!({"type": "object", "properties": properties}),
        }];
        let said = call(&request).unwrap();
        assert_eq!(said.name.as_deref(), Some("weather"));
        let given = json!({"city": "[simulated] Rome?", "days": 0});
        assert_eq!(said.arguments, given.to_string());
        request.messages.push(Message::text(Role::Tool, "sunny"));
        assert_eq!(call(&request), None);
        request.messages.push(Message::text(Role::User, "Oslo?"));
        assert!(call(&request).is_some());
    }
}
