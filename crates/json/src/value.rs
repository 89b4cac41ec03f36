//! Any JSON.

use base::order::sort_long;

use crate::{
    read::{FromJson, JsonError, Reader},
    write::{Members, ToJson, Writer},
};

/// Any JSON, as it stands: members keep their order, and may have one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// An object.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Two members of some object in it have one name.
    pub fn has_double(&self) -> bool {
        match self {
            Self::List(values) => values.iter().any(Self::has_double),
            Self::Map(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                sort_long(&mut names, |one, next| one < next);
                let twice = names.iter().zip(names.iter().skip(1)).any(|(one, next)| one == next);
                twice || members.iter().any(|(_, value)| value.has_double())
            }
            _ => false,
        }
    }
}

impl ToJson for Value {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Null => out.raw("null"),
            Self::Bool(value) => value.write(out),
            Self::Number(digits) => out.raw(digits),
            Self::Text(text) => out.text(text),
            Self::List(values) => values.write(out),
            Self::Map(members) => {
                let mut all: Vec<(&str, &dyn ToJson)> = Vec::with_capacity(members.len());
                for (name, value) in members {
                    all.push((name, value));
                }
                Members(&all).write(out);
            }
        }
    }
}

impl FromJson for Value {
    fn blank() -> Self {
        Self::Null
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), JsonError> {
        *self = match from.peek().ok_or(JsonError)? {
            b'"' => Self::Text(from.string()?.into_owned()),
            b'{' => {
                from.open(b'{')?;
                let (mut first, mut members) = (true, Vec::new());
                while from.another(&mut first, b'}')? {
                    let name = from.name()?.into_owned();
                    let mut value = Self::Null;
                    value.read(from)?;
                    members.push((name, value));
                }
                Self::Map(members)
            }
            b'[' => {
                let mut values = Vec::new();
                values.read(from)?;
                Self::List(values)
            }
            b't' | b'f' => Self::Bool(from.boolean()?),
            b'n' => {
                from.literal("null")?;
                Self::Null
            }
            _ => Self::Number(from.digits()?.to_owned()),
        };
        Ok(())
    }
}

/// Any JSON, passed over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored;

impl FromJson for Ignored {
    fn blank() -> Self {
        Self
    }

    fn read(&mut self, from: &mut Reader<'_>) -> Result<(), JsonError> {
        from.skip()
    }
}
