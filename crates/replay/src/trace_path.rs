//! Reads JSON with its path, so that an error names its place in the file.

use std::fmt;

use serde_json::Value;

/// The reason why a trace cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayError {
    /// The place in the file: `requests[12].op`. Empty for the file as a whole.
    pub place: String,
    /// The reason of the error.
    pub reason: String,
}

impl fmt::Display for ReplayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() {
            write!(f, "{}", self.reason)
        } else {
            write!(f, "{}: {}", self.place, self.reason)
        }
    }
}

impl std::error::Error for ReplayError {}

/// The step from the enclosing value to this one.
#[derive(Clone, Copy, Debug)]
enum TracePathStep<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

/// A JSON value and its place. The path is only written out for an error.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    value: &'a Value,
    around: Option<&'a Self>,
    step: TracePathStep<'a>,
}

impl<'a> At<'a> {
    /// The value of the whole file.
    #[must_use]
    pub const fn root(value: &'a Value) -> Self {
        Self {
            value,
            around: None,
            step: TracePathStep::Root,
        }
    }

    /// An error at this place.
    pub fn error(&self, reason: impl Into<String>) -> ReplayError {
        let (mut steps, mut at) = (Vec::new(), Some(self));
        while let Some(this) = at {
            steps.push(this.step);
            at = this.around;
        }
        let mut place = String::new();
        for step in steps.iter().rev() {
            match step {
                TracePathStep::Root => {}
                TracePathStep::Key(key) if place.is_empty() => place.push_str(key),
                TracePathStep::Key(key) => place.extend([".", key]),
                TracePathStep::Index(index) => place.push_str(&format!("[{index}]")),
            }
        }
        ReplayError {
            place,
            reason: reason.into(),
        }
    }

    /// A field of an object; `None` if it is missing or null.
    #[must_use]
    pub fn field<'b>(&'b self, key: &'b str) -> Option<At<'b>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(At {
            value,
            around: Some(self),
            step: TracePathStep::Key(key),
        })
    }

    /// A field that must be there.
    ///
    /// # Errors
    /// If it is missing.
    pub fn need<'b>(&'b self, key: &'b str) -> Result<At<'b>, ReplayError> {
        self.field(key).ok_or_else(|| {
            At {
                value: &Value::Null,
                around: Some(self),
                step: TracePathStep::Key(key),
            }
            .error("is missing")
        })
    }

    /// The entries of a list.
    ///
    /// # Errors
    /// If it is no list, or has more than `most` entries.
    pub fn list<'b>(
        &'b self,
        most: usize,
    ) -> Result<impl Iterator<Item = At<'b>> + 'b, ReplayError> {
        let list = self
            .value
            .as_array()
            .ok_or_else(|| self.error("must be a list"))?;
        if list.len() > most {
            return Err(self.error(format!(
                "has {} entries, at most {most} are read",
                list.len()
            )));
        }
        Ok(list.iter().enumerate().map(move |(index, value)| At {
            value,
            around: Some(self),
            step: TracePathStep::Index(index),
        }))
    }

    /// The value as a text.
    ///
    /// # Errors
    /// If it is no text.
    pub fn text(&self) -> Result<&'a str, ReplayError> {
        self.value
            .as_str()
            .ok_or_else(|| self.error("must be a text"))
    }

    /// The value as a whole number within limits.
    ///
    /// # Errors
    /// If it is no number, or outside of them.
    pub fn number(&self, least: u64, most: u64) -> Result<u64, ReplayError> {
        let number = self
            .value
            .as_u64()
            .filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| self.error(format!("must be a whole number from {least} to {most}")))
    }

    /// The value as by [`Self::number`], for 32 bits.
    ///
    /// # Errors
    /// If it is no number, or outside the limits.
    pub fn small(&self, least: u32, most: u32) -> Result<u32, ReplayError> {
        let number = self.number(least.into(), most.into())?;
        u32::try_from(number).map_err(|_| self.error("is too large"))
    }

    /// The value as true or false.
    ///
    /// # Errors
    /// If it is neither.
    pub fn flag(&self) -> Result<bool, ReplayError> {
        self.value
            .as_bool()
            .ok_or_else(|| self.error("must be true or false"))
    }

    /// The JSON value at this place.
    #[must_use]
    pub const fn value(&self) -> &'a Value {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_place() {
        let value: Value =
            serde_json::from_str(r#"{"requests":[{},{"op":5}]}"#).expect("good JSON");
        let root = At::root(&value);
        let requests = root.need("requests").expect("it is there");
        let second = requests.list(9).expect("a list").nth(1).expect("two");
        let error = second
            .need("op")
            .and_then(|op| op.text().map(str::len))
            .expect_err("a number");
        assert_eq!(error.to_string(), "requests[1].op: must be a text");
        let error = second.need("id").expect_err("missing");
        assert_eq!(error.to_string(), "requests[1].id: is missing");
        assert_eq!(root.error("no").to_string(), "no");
    }
}
