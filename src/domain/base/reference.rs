//! References: what a field of a request may name, and how one that names nothing is refused.

use crate::refusal::{Code, FieldError, Refusal};

/// What a field refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    Product,
    ActiveMember,
    Customer,
    Account,
    Story,
    Theme,
    Feedback,
}

impl Reference {
    fn is_not(self) -> &'static str {
        match self {
            Reference::Product => "is not the key or id of a product",
            Reference::ActiveMember => "is not the id of an active member",
            Reference::Customer => "is not the id of a customer",
            Reference::Account => "is not the id of an account",
            Reference::Story => "is not the id of a story",
            Reference::Theme => "is not the id of a theme",
            Reference::Feedback => "is not the id of a feedback",
        }
    }

    /// The error of a field that names nothing of this kind, where several fields are checked.
    pub fn unknown(self, pointer: impl Into<String>) -> FieldError {
        FieldError::new(pointer, "unknown", self.is_not())
    }

    /// 422 for a field that names nothing of this kind.
    pub fn refusal(self, pointer: impl Into<String>) -> Refusal {
        Refusal::invalid(vec![self.unknown(pointer)])
    }

    /// What a look-up found: 422 for the field instead of 404.
    ///
    /// # Errors
    /// 422 where the look-up answered 404; its other errors stay.
    pub fn found<T, E>(self, looked_up: Result<T, E>, pointer: &str) -> Result<T, E>
    where
        E: AsRef<Code> + From<Refusal>,
    {
        looked_up.map_err(|e| if *e.as_ref() == Code::NotFound { self.refusal(pointer).into() } else { e })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_there_becomes_the_error_of_a_field() {
        let missing: Result<(), Refusal> = Err(Code::NotFound.into());
        let refused = Reference::Story.found(missing, "/story_id").unwrap_err();
        assert_eq!((refused.code, refused.fields[0].pointer.as_str()), (Code::Invalid, "/story_id"));
        let busy: Result<(), Refusal> = Err(Code::Busy.into());
        assert_eq!(Reference::Story.found(busy, "/story_id").unwrap_err().code, Code::Busy);
        assert!(Reference::Story.found(Ok::<_, Refusal>(()), "/story_id").is_ok());
    }
}
