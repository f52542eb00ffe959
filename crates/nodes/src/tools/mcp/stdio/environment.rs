//! The environment of an operator's program: texts with places for the fields of a credential, and nothing besides.

use latchkey_domain::tool::ToolAuth;
use latchkey_models::Access;

use crate::tools::mcp::McpError;

/// How a place begins and ends.
const BEGIN: &str = "${credential.";
const END: char = '}';

/// The whole environment of a program.
#[derive(Clone, Default)]
pub struct Environment(Vec<(String, Vec<Part>)>);

#[derive(Clone)]
enum Part {
    Text(String),
    Field(Field),
}

/// A field of a credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    ApiKey,
    UserName,
    Password,
}

/// An environment with a credential in it. It has no `Debug`.
pub(super) struct Filled {
    pub(super) variables: Vec<(String, String)>,
    /// What must not show in what the program says.
    pub(super) hidden: Vec<String>,
}

impl Environment {
    /// Reads the texts of the variables; the error never repeats one.
    ///
    /// # Errors
    /// With what is wrong, and with which variable.
    pub fn parse(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, String> {
        let mut read = Vec::new();
        for (name, text) in variables {
            if name.is_empty() || name.contains(['=', '\0']) {
                return Err("a variable has no usable name".to_owned());
            }
            if text.contains('\0') {
                return Err(format!("{name}: a value cannot hold a zero byte"));
            }
            let parts = parts(&text).map_err(|why| format!("{name}: {why}"))?;
            read.push((name, parts));
        }
        let environment = Self(read);
        if environment.has(Field::ApiKey) && environment.auth() != ToolAuth::Bearer {
            return Err("a credential has an api_key, or a username and a password".to_owned());
        }
        Ok(environment)
    }

    /// The form of the credential that fills it.
    #[must_use]
    pub fn auth(&self) -> ToolAuth {
        if self.has(Field::UserName) || self.has(Field::Password) {
            return ToolAuth::Basic;
        }
        if self.has(Field::ApiKey) {
            return ToolAuth::Bearer;
        }
        ToolAuth::None
    }

    /// The names of its variables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    fn has(&self, field: Field) -> bool {
        let mut parts = self.0.iter().flat_map(|(_, parts)| parts);
        parts.any(|part| matches!(part, Part::Field(of) if *of == field))
    }

    /// With the fields of a credential in their places.
    pub(super) fn filled(&self, access: &Access) -> Result<Filled, McpError> {
        let mut filled = Filled {
            variables: Vec::with_capacity(self.0.len()),
            hidden: Vec::new(),
        };
        for (name, parts) in &self.0 {
            let mut value = String::new();
            for part in parts {
                match part {
                    Part::Text(text) => value.push_str(text),
                    Part::Field(field) => {
                        let found = field.of(access)?;
                        if *field != Field::UserName && !filled.hidden.contains(&found) {
                            filled.hidden.push(found.clone());
                        }
                        value.push_str(&found);
                    }
                }
            }
            filled.variables.push((name.clone(), value));
        }
        Ok(filled)
    }
}

impl Field {
    const ALL: [(&'static str, Self); 3] = [
        ("api_key", Self::ApiKey),
        ("username", Self::UserName),
        ("password", Self::Password),
    ];

    fn of(self, access: &Access) -> Result<String, McpError> {
        let found = match self {
            Self::ApiKey => access.values.secret("api_key"),
            Self::Password => access.values.secret("password"),
            Self::UserName => access.settings.get("username").map(String::as_str),
        };
        let known = Self::ALL.iter().find(|(_, field)| *field == self);
        let name = known.map_or("field", |(name, _)| *name);
        let found = found.filter(|text| !text.is_empty());
        let found = found.ok_or_else(|| {
            McpError::Start(format!(
                "the credential has no {name}: enter one for this tool provider"
            ))
        })?;
        if found.contains('\0') {
            let text = format!("the credential's {name} cannot be put into an environment");
            return Err(McpError::Start(text));
        }
        Ok(found.to_owned())
    }
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, behind) = after
            .split_once(END)
            .ok_or("${credential.… is not closed")?;
        let known = Field::ALL.iter().find(|(known, _)| *known == name);
        let (_, field) = known.ok_or(
            "a credential has the fields api_key, username and password: ${credential.api_key}",
        )?;
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Field(*field));
        rest = behind;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

#[cfg(test)]
mod tests {
    use latchkey_domain::tool::ToolAuth;
    use latchkey_models::{Access, CredentialValues};

    use super::Environment;

    fn read(pairs: &[(&str, &str)]) -> Result<Environment, String> {
        let pairs = pairs.iter();
        Environment::parse(pairs.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
    }

    fn key() -> Access {
        Access {
            values: CredentialValues::one("api_key", "k3y"),
            ..Access::default()
        }
    }

    #[test]
    fn a_credential_goes_where_the_operator_says_and_nowhere_else() {
        let plain = read(&[("LANG", "C"), ("PRICE", "$5 {x}")]).unwrap();
        assert_eq!(plain.auth(), ToolAuth::None);
        let filled = plain.filled(&key()).unwrap();
        assert_eq!(filled.variables[1].1, "$5 {x}");
        assert!(filled.hidden.is_empty());
        let keyed = read(&[("A", "Bearer ${credential.api_key}!"), ("B", "")]).unwrap();
        assert_eq!(keyed.auth(), ToolAuth::Bearer);
        let filled = keyed.filled(&key()).unwrap();
        let expected = [("A", "Bearer k3y!"), ("B", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(filled.variables, expected);
        assert_eq!(filled.hidden, ["k3y"]);
        assert!(keyed.filled(&Access::default()).is_err());
        assert!(!format!("{keyed:?}").contains("Bearer"));
    }

    #[test]
    fn what_makes_no_sense_is_told_without_the_value() {
        for (name, text) in [
            ("", "s3cret"),
            ("A=B", "s3cret"),
            ("A", "s3cret\0"),
            ("A", "s3cret ${credential.api_key"),
            ("A", "s3cret ${credential.other}"),
            ("A", "s3cret ${credential.api_key} ${credential.password}"),
        ] {
            let why = read(&[(name, text)])
                .err()
                .unwrap_or_else(|| panic!("{text}"));
            assert!(!why.contains("s3cret"), "{why}");
        }
        let basic = read(&[
            ("U", "${credential.username}"),
            ("P", "${credential.password}"),
        ]);
        assert_eq!(basic.unwrap().auth(), ToolAuth::Basic);
    }
}
