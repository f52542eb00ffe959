//! A conversation in turns, for formats in which two sides take turns and instructions stand apart.

use crate::chat::{Message, Role};

/// A conversation, sorted.
#[derive(Debug, PartialEq)]
pub(crate) struct Turns<'a> {
    /// The instructions, in order.
    pub(crate) system: Vec<String>,
    /// What is said, one side after the other.
    pub(crate) turns: Vec<Turn<'a>>,
}

/// What one side says in a row.
#[derive(Debug, PartialEq)]
pub(crate) struct Turn<'a> {
    /// Whether it is the model that speaks.
    pub(crate) by_model: bool,
    /// Its messages; results of tools come first, as they answer the turn before.
    pub(crate) messages: Vec<&'a Message>,
}

impl<'a> Turns<'a> {
    /// Sorts a conversation. These formats need a question: where there are instructions only, they are it.
    pub(crate) fn of(messages: &'a [Message]) -> Self {
        let is_system = |message: &&Message| message.role == Role::System;
        if messages.iter().all(|message| is_system(&message)) {
            let messages = messages.iter().collect();
            let turn = Turn {
                by_model: false,
                messages,
            };
            return Self {
                system: Vec::new(),
                turns: vec![turn],
            };
        }
        let (system, said): (Vec<&Message>, Vec<&Message>) = messages.iter().partition(is_system);
        let mut turns: Vec<Turn<'a>> = Vec::new();
        for message in said {
            let by_model = message.role == Role::Assistant;
            match turns.last_mut().filter(|turn| turn.by_model == by_model) {
                Some(turn) => turn.messages.push(message),
                None => turns.push(Turn {
                    by_model,
                    messages: vec![message],
                }),
            }
        }
        for turn in &mut turns {
            turn.messages
                .sort_by_key(|message| message.role != Role::Tool);
        }
        let texts = system.into_iter().map(|message| message.content.plain());
        Self {
            system: texts.filter(|text| !text.trim().is_empty()).collect(),
            turns,
        }
    }

    /// The names of the tools that were called; some formats want them declared whenever they are named.
    pub(crate) fn called(&self) -> Vec<&'a str> {
        let messages = self.turns.iter().flat_map(|turn| &turn.messages);
        let mut names: Vec<&str> = messages
            .flat_map(|message| &message.tool_calls)
            .map(|call| call.name.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use crate::chat::{Message, Role, ToolCall};

    #[test]
    fn two_sides_take_turns() {
        let says = |role, text: &str| Message::text(role, text);
        let call = ToolCall {
            id: "c1".into(),
            name: "look".into(),
            arguments: "{}".into(),
        };
        let called = Message {
            tool_calls: vec![call],
            ..says(Role::Assistant, "")
        };
        let messages = [
            says(Role::System, "Be brief"),
            says(Role::User, "a"),
            says(Role::User, "b"),
            says(Role::System, " "),
            called,
            says(Role::User, "c"),
            says(Role::Tool, "found"),
            says(Role::Assistant, "d"),
        ];
        let sorted = Turns::of(&messages);
        assert_eq!(sorted.system, ["Be brief"]);
        let told: Vec<(bool, Vec<String>)> = sorted
            .turns
            .iter()
            .map(|turn| {
                (
                    turn.by_model,
                    turn.messages
                        .iter()
                        .map(|message| message.content.plain())
                        .collect(),
                )
            })
            .collect();
        let texts = |texts: &[&str]| {
            texts
                .iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told,
            [
                (false, texts(&["a", "b"])),
                (true, texts(&[""])),
                (false, texts(&["found", "c"])),
                (true, texts(&["d"])),
            ]
        );
        assert_eq!(sorted.called(), ["look"]);
    }

    #[test]
    fn instructions_alone_are_the_question() {
        let messages = [Message::text(Role::System, "Translate: hi")];
        let sorted = Turns::of(&messages);
        assert!(sorted.system.is_empty() && !sorted.turns[0].by_model);
        assert_eq!(sorted.turns[0].messages[0].content.plain(), "Translate: hi");
    }
}
