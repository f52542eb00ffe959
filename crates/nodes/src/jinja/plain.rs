//! Tells what a template can cost from its words alone.
//!
//! The engine's fuel pays for steps, for what is written, and for texts and lists that are made. It does not pay for what
//! is inside of a value that is compared, sorted or used as a key. In values that came from outside that is as much as
//! they are long; in values that a template has put together of others, it has no bound. So a template of which every
//! word is known to be harmless may be rendered anywhere; one that compares values, where they are small; any other, only
//! where it can be ended. What is not known counts as the worst.

use super::words::{Tag, Token, Words};

/// What a template can cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cost {
    /// Every step of it is paid for.
    Steps,
    /// A step may look at all of the values.
    Sizes,
    /// Anything.
    Unknown,
}

/// How many statements may stand in one another; whatever reads them takes some stack for each.
const NESTED: usize = 16;

/// Filters, what they cost, and what they may cost when they are told anything but constants.
const FILTERS: &[(&str, Cost, Cost)] = &[
    ("default", Cost::Steps, Cost::Steps),
    ("d", Cost::Steps, Cost::Steps),
    ("length", Cost::Steps, Cost::Unknown),
    ("count", Cost::Steps, Cost::Unknown),
    ("upper", Cost::Steps, Cost::Unknown),
    ("lower", Cost::Steps, Cost::Unknown),
    ("trim", Cost::Steps, Cost::Unknown),
    ("title", Cost::Steps, Cost::Unknown),
    ("capitalize", Cost::Steps, Cost::Unknown),
    ("first", Cost::Steps, Cost::Unknown),
    ("last", Cost::Steps, Cost::Unknown),
    ("int", Cost::Steps, Cost::Unknown),
    ("float", Cost::Steps, Cost::Unknown),
    ("abs", Cost::Steps, Cost::Unknown),
    ("round", Cost::Steps, Cost::Unknown),
    ("string", Cost::Steps, Cost::Unknown),
    ("safe", Cost::Steps, Cost::Unknown),
    ("e", Cost::Steps, Cost::Unknown),
    ("escape", Cost::Steps, Cost::Unknown),
    ("join", Cost::Steps, Cost::Unknown),
    ("replace", Cost::Steps, Cost::Unknown),
    ("items", Cost::Steps, Cost::Unknown),
    ("list", Cost::Steps, Cost::Unknown),
    ("tojson", Cost::Steps, Cost::Unknown),
    ("truncate", Cost::Steps, Cost::Unknown),
    ("wordcount", Cost::Steps, Cost::Unknown),
    ("urlencode", Cost::Steps, Cost::Unknown),
    ("striptags", Cost::Steps, Cost::Unknown),
    ("selectattr", Cost::Steps, Cost::Unknown),
    ("rejectattr", Cost::Steps, Cost::Unknown),
    ("map", Cost::Steps, Cost::Unknown),
    ("sort", Cost::Sizes, Cost::Unknown),
    ("dictsort", Cost::Sizes, Cost::Unknown),
    ("unique", Cost::Sizes, Cost::Unknown),
    ("groupby", Cost::Sizes, Cost::Unknown),
    ("reverse", Cost::Sizes, Cost::Unknown),
    ("min", Cost::Sizes, Cost::Unknown),
    ("max", Cost::Sizes, Cost::Unknown),
    ("sum", Cost::Sizes, Cost::Unknown),
];

/// Methods, and what they may cost when they are told anything but constants.
const METHODS: &[(&str, Cost)] = &[
    ("items", Cost::Unknown),
    ("keys", Cost::Unknown),
    ("values", Cost::Unknown),
    ("get", Cost::Sizes),
];

/// Tests that look at what a value is, not at what is in it.
const TESTS: &[&str] = &[
    "defined",
    "undefined",
    "none",
    "string",
    "number",
    "integer",
    "float",
    "boolean",
    "true",
    "false",
    "mapping",
    "sequence",
    "iterable",
    "odd",
    "even",
];

/// Words that stand between two operands.
const BETWEEN: &[&str] = &["and", "or", "not", "if", "else", "in", "is"];

/// What a template with this source can cost.
pub(super) fn cost(source: &str) -> Cost {
    let mut words = Words::of(source);
    let mut cost = Cost::Steps;
    let mut nested = 0_usize;
    while let Some(tag) = words.tag() {
        let Some(tag) = tag else {
            return Cost::Unknown;
        };
        let of_tag = match tag {
            Tag::Comment => Cost::Steps,
            Tag::Output(tokens) => expression(&tokens),
            Tag::Statement(tokens) => statement(&tokens, &mut nested),
        };
        cost = cost.max(of_tag);
    }
    cost
}

fn statement(tokens: &[Token<'_>], nested: &mut usize) -> Cost {
    let Some((Token::Word(word), rest)) = tokens.split_first() else {
        return Cost::Unknown;
    };
    match *word {
        "if" | "for" => *nested += 1,
        "endif" | "endfor" => *nested = nested.saturating_sub(1),
        _ => {}
    }
    if *nested > NESTED {
        return Cost::Unknown;
    }
    match *word {
        "if" | "elif" => expression(rest),
        "else" | "endif" | "endfor" if rest.is_empty() => Cost::Steps,
        "for" => {
            let is_in = |token: &Token<'_>| *token == Token::Word("in");
            let Some(at) = rest.iter().position(is_in) else {
                return Cost::Unknown;
            };
            let (targets, rest) = rest.split_at(at);
            let mut targets = targets.iter();
            let are_names =
                targets.all(|token| matches!(token, Token::Word(_) | Token::Sign(b',')));
            if are_names {
                expression(&rest[1..])
            } else {
                Cost::Unknown
            }
        }
        _ => Cost::Unknown,
    }
}

/// What a bracket that is open is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Group,
    List,
    Subscript,
    /// What it may cost when something in it is no constant.
    Call(Cost),
}

fn expression(tokens: &[Token<'_>]) -> Cost {
    let mut walk = Walk {
        tokens,
        at: 0,
        open: Vec::new(),
    };
    let mut cost = Cost::Steps;
    while walk.at < tokens.len() {
        cost = cost.max(walk.step());
        walk.at += 1;
    }
    if walk.open.is_empty() {
        cost
    } else {
        Cost::Unknown
    }
}

struct Walk<'a> {
    tokens: &'a [Token<'a>],
    /// The token that is looked at.
    at: usize,
    open: Vec<Open>,
}

impl<'a> Walk<'a> {
    fn token(&self, offset: isize) -> Option<Token<'a>> {
        let at = self.at.checked_add_signed(offset)?;
        self.tokens.get(at).copied()
    }

    fn step(&mut self) -> Cost {
        let Some(token) = self.token(0) else {
            return Cost::Unknown;
        };
        let told = match self.open.last() {
            Some(Open::Call(others)) if !self.is_constant_argument(token) => *others,
            Some(_) | None => Cost::Steps,
        };
        told.max(match token {
            Token::Number | Token::Text(_) => Cost::Steps,
            Token::Word(word) => self.word(word),
            Token::Compare => self.comparison(0),
            Token::Sign(sign) => self.sign(sign),
        })
    }

    /// Whether a token in the brackets of a call is, or belongs to, a constant or the name of one.
    fn is_constant_argument(&self, token: Token<'_>) -> bool {
        match token {
            Token::Number | Token::Text(_) | Token::Sign(b',' | b'=' | b')' | b'-') => true,
            Token::Word(_) => token.is_constant() || self.token(1) == Some(Token::Sign(b'=')),
            Token::Compare | Token::Sign(_) => false,
        }
    }

    fn word(&mut self, word: &str) -> Cost {
        let is_call = self.token(1) == Some(Token::Sign(b'('));
        match self.token(-1) {
            Some(Token::Sign(b'.')) if is_call => method(word),
            Some(Token::Sign(b'.')) => Cost::Steps,
            Some(Token::Sign(b'|')) => self.filter(word, is_call),
            Some(Token::Word("is")) if word != "not" => test(word, is_call),
            Some(Token::Word("not")) if self.token(-2) == Some(Token::Word("is")) => {
                test(word, is_call)
            }
            _ if word == "in" => match self.token(-1) {
                Some(Token::Word("not")) => self.membership(-1),
                _ => self.membership(0),
            },
            _ if BETWEEN.contains(&word) => Cost::Steps,
            // It makes its numbers one by one, and no more than a hundred thousand.
            _ if is_call && word == "range" => Cost::Steps,
            _ if is_call || word == "recursive" => Cost::Unknown,
            _ => Cost::Steps,
        }
    }

    fn filter(&self, name: &str, is_call: bool) -> Cost {
        let mut known = FILTERS.iter();
        let Some((_, cost, _)) = known.find(|(known, _, _)| *known == name) else {
            return Cost::Unknown;
        };
        let is_known = match name {
            // By an attribute it takes what is there; any other filter it would apply.
            "map" => is_call && self.token(2) == Some(Token::Word("attribute")),
            // Indented, a deep value is many times as long.
            "tojson" => !is_call,
            _ => true,
        };
        if is_known { *cost } else { Cost::Unknown }
    }

    fn sign(&mut self, sign: u8) -> Cost {
        match sign {
            b'.' if self.token(1) == Some(Token::Number) => Cost::Sizes,
            b'.' | b'|' | b'+' | b'-' | b'*' | b'/' | b'%' | b'~' => Cost::Steps,
            b'(' => self.bracket(),
            b'[' if self.is_behind_operand() => {
                self.open.push(Open::Subscript);
                self.subscript()
            }
            b'[' => {
                self.open.push(Open::List);
                Cost::Sizes
            }
            b')' => match self.open.pop() {
                Some(Open::Group | Open::Call(_)) => Cost::Steps,
                Some(Open::List | Open::Subscript) | None => Cost::Unknown,
            },
            b']' => match self.open.pop() {
                Some(Open::List | Open::Subscript) => Cost::Steps,
                Some(Open::Group | Open::Call(_)) | None => Cost::Unknown,
            },
            b',' => match self.open.last() {
                Some(Open::List | Open::Call(_)) => Cost::Steps,
                Some(Open::Group) => Cost::Sizes,
                Some(Open::Subscript) | None => Cost::Unknown,
            },
            b':' if self.open.last() == Some(&Open::Subscript) => Cost::Sizes,
            b'=' if matches!(self.open.last(), Some(Open::Call(_))) => Cost::Steps,
            _ => Cost::Unknown,
        }
    }

    /// A round bracket: around a part of the expression, or of a call.
    fn bracket(&mut self) -> Cost {
        let before = (self.token(-2), self.token(-1));
        let (open, cost) = match before {
            (_, None | Some(Token::Compare)) => (Open::Group, Cost::Steps),
            (Some(Token::Sign(b'|')), Some(Token::Word(name))) => {
                (Open::Call(told_to_filter(name)), Cost::Steps)
            }
            (Some(Token::Sign(b'.')), Some(Token::Word(name))) => {
                (Open::Call(told_to_method(name)), Cost::Steps)
            }
            (_, Some(Token::Word(word))) if BETWEEN.contains(&word) => (Open::Group, Cost::Steps),
            (_, Some(Token::Word("range"))) => (Open::Call(Cost::Steps), Cost::Steps),
            (_, Some(Token::Sign(b')' | b']')) | Some(Token::Word(_) | Token::Text(_))) => {
                (Open::Group, Cost::Unknown)
            }
            (_, Some(Token::Number)) => (Open::Group, Cost::Unknown),
            (_, Some(Token::Sign(_))) => (Open::Group, Cost::Steps),
        };
        self.open.push(open);
        cost
    }

    /// Whether what stands before is a whole operand.
    fn is_behind_operand(&self) -> bool {
        match self.token(-1) {
            Some(Token::Word(word)) => {
                !BETWEEN.contains(&word) || self.token(-2) == Some(Token::Sign(b'.'))
            }
            Some(Token::Text(_) | Token::Number | Token::Sign(b')' | b']')) => true,
            Some(Token::Sign(_) | Token::Compare) | None => false,
        }
    }

    /// A key: a constant one is found at once; another may be as long as any value, and the way to a place in a text is as
    /// long as that.
    fn subscript(&self) -> Cost {
        match (self.token(1), self.token(2)) {
            (Some(key @ (Token::Text(_) | Token::Word(_))), Some(Token::Sign(b']')))
                if key.is_constant() =>
            {
                Cost::Steps
            }
            _ => Cost::Sizes,
        }
    }

    /// A comparison: with a constant it takes no longer than that is.
    fn comparison(&self, left: isize) -> Cost {
        let right = match self.token(1) {
            Some(Token::Sign(b'-')) => 2,
            _ => 1,
        };
        let is_right = self.token(right).is_some_and(Token::is_constant)
            && self.token(right + 1).is_none_or(Token::ends_operand);
        if is_right {
            Cost::Steps
        } else {
            self.membership(left)
        }
    }

    /// Whether something is in something, or what else has a constant on its left; `left` is where that side ends.
    fn membership(&self, left: isize) -> Cost {
        let is_left = self.token(left - 1).is_some_and(Token::is_constant)
            && self.token(left - 2).is_none_or(Token::begins_operand);
        if is_left { Cost::Steps } else { Cost::Sizes }
    }
}

fn test(name: &str, is_call: bool) -> Cost {
    if TESTS.contains(&name) && !is_call {
        Cost::Steps
    } else {
        Cost::Unknown
    }
}

fn method(name: &str) -> Cost {
    if METHODS.iter().any(|(known, _)| *known == name) {
        Cost::Steps
    } else {
        Cost::Unknown
    }
}

fn told_to_method(name: &str) -> Cost {
    let mut known = METHODS.iter();
    let found = known.find(|(known, _)| *known == name);
    found.map_or(Cost::Unknown, |(_, others)| *others)
}

fn told_to_filter(name: &str) -> Cost {
    let mut known = FILTERS.iter();
    let found = known.find(|(known, _, _)| *known == name);
    found.map_or(Cost::Unknown, |(_, _, others)| *others)
}

#[cfg(test)]
mod tests {
    use super::{Cost, cost};

    fn all_cost(expected: Cost, templates: &[&str]) {
        for template in templates {
            assert_eq!(cost(template), expected, "{template}");
        }
    }

    #[test]
    fn ordinary_templates_cost_their_steps() {
        all_cost(
            Cost::Steps,
            &[
                "plain text { % } {",
                "Hello {{ name }}!",
                "{{- a.b['c'].d }}{# {% set x = 1 %} #}",
                "{% for x in list %}{{ loop.index }}: {{ x.y }}{% if not loop.last %}, {% endif %}{% endfor %}",
                "{%- for k, v in o.items() -%}{{ k }}={{ v }}{%- else -%}none{%- endfor -%}",
                "{% if n > 10 %}big{% elif n >= -5 and kind == 'x' %}m{% else %}s{% endif %}",
                "{% if 'a' in text or not \"b\" not in list %}{% endif %}",
                "{% if a is defined and b is not none %}{{ a if b else 'c' }}{% endif %}",
                "{{ a|default('x')|upper }}{{ b | default(c, true) }}",
                "{{ docs|map(attribute='content')|join('\\n\\n') }}",
                "{{ (price * count + 1) / 2 ~ ' EUR' }}{{ o.get('k', 'none') }}",
                "{{ text|replace('\\n', ' ')|truncate(100, true, end='…') }}{{ o|tojson }}",
                "{% for i in range(1, n) %}{{ i }}{% endfor %}",
                "{{ 'it\\'s }} {% set x = 1 %}' }}",
            ],
        );
    }

    #[test]
    fn looking_at_whole_values_costs_their_size() {
        all_cost(
            Cost::Sizes,
            &[
                "{% if a == b %}{% endif %}",
                "{% if a in b %}{% endif %}",
                "{% if a not in ['x', 'y'] %}{% endif %}",
                "{{ a[b] }}",
                "{{ a[1:2] }}",
                "{{ a[0] }}",
                "{{ a[-1].b }}",
                "{{ a.0 }}",
                "{{ 'x' == a == b }}",
                "{{ a == 1 == b }}",
                "{{ a == 'x' ~ b }}",
                "{{ a ~ 'x' == b }}",
                "{{ a == 'x'|upper }}",
                "{{ list|sort|unique|first }}",
                "{{ o.get(key) }}",
                "{{ (a, b) }}",
            ],
        );
        let long = format!("{{{{ a == '{}' }}}}", "x".repeat(257));
        assert_eq!(cost(&long), Cost::Sizes);
    }

    #[test]
    fn whatever_else_there_is_costs_anything() {
        all_cost(
            Cost::Unknown,
            &[
                "{% set a = b %}",
                "{%set a=[a,a]%}",
                "{%- macro m() %}{% endmacro %}",
                "{% call m() %}{% endcall %}",
                "{% filter upper %}{% endfilter %}",
                "{% with a = 1 %}{% endwith %}",
                "{% raw %}{% endraw %}",
                "{% import 'x' as y %}{% include 'x' %}",
                "{% for a in b recursive %}{{ loop(a) }}{% endfor %}",
                "{% for (a, b) in c %}{% endfor %}",
                "{{ namespace(a=1) }}",
                "{{ dict(a=1) }}{{ {'a': 1} }}",
                "{{ loop.cycle('a', 'b') }}",
                "{{ a.upper() }}{{ a.format(b) }}",
                "{{ a|format(b) }}{{ a|pprint }}{{ a|batch(2) }}",
                "{{ a|join(b) }}{{ a|replace('x', b) }}{{ a|join('x' * 1000) }}",
                "{{ a|map('upper') }}{{ a|tojson(indent=2) }}{{ a|map(attribute=b) }}",
                "{{ a is sameas(b) }}{{ a is eq b }}",
                "{{ 1.items() }}{{ 1e5 }}{{ (a)() }}{{ a[0]() }}",
                "{{ 'open",
                "{{ a",
                "{# open",
                "{{ é }}",
                "{{ a, b }}",
                "{{ (a }}",
            ],
        );
        let deep = format!("{}{}", "{% if a %}".repeat(17), "{% endif %}".repeat(17));
        assert_eq!(cost(&deep), Cost::Unknown);
    }
}
