//! Licences of options: SPDX expressions, judged by the lists of a product.

use spdx::{Expression, LicenseReq};

crate::domain::names! {
    /// What a product's lists say of a licence: `allowed`, `denied`, or `not_listed`, where the product has a list of what is
    /// allowed and this is not in it.
    pub enum LicenceVerdict { Allowed "allowed", Denied "denied", NotListed "not_listed" }
}

/// Why a text is no licence, in words that follow the name of the field; `None` where it is one.
pub fn problem(text: &str) -> Option<String> {
    let error = Expression::parse(text).err()?;
    Some(format!("is not an SPDX expression, such as `MIT OR Apache-2.0`: {}", error.reason))
}

/// Why a text can't stand in the list of a product: it must be one licence, with or without an exception.
pub fn list_problem(text: &str) -> Option<String> {
    match Expression::parse(text) {
        Ok(expression) if expression.requirements().count() == 1 => None,
        Ok(_) => Some("must be one licence, such as `GPL-3.0-only`; list several one by one".to_owned()),
        Err(_) => problem(text),
    }
}

fn listed(list: &[String]) -> Vec<LicenseReq> {
    let parsed = list.iter().filter_map(|text| Expression::parse(text).ok());
    parsed.filter_map(|expression| expression.requirements().next().map(|one| one.req.clone())).collect()
}

/// Whether a list names what an expression requires: exactly, or its licence whatever the exception.
fn names(list: &[LicenseReq], req: &LicenseReq) -> bool {
    list.iter().any(|one| one == req || (one.addition.is_none() && one.license == req.license))
}

/// What the lists of a product say of an expression. One of several licences to choose from is enough (`MIT OR GPL-3.0-only`);
/// of several that hold together each counts. A licence with an exception that is allowed by name is allowed, though the
/// licence is denied. A text that is no expression is denied.
pub fn judge(text: &str, allowed: &[String], denied: &[String]) -> LicenceVerdict {
    let Ok(expression) = Expression::parse(text) else { return LicenceVerdict::Denied };
    let (allowed, denied) = (listed(allowed), listed(denied));
    let is_denied = |req: &LicenseReq| names(&denied, req) && !(req.addition.is_some() && allowed.contains(req));
    let passes = |req: &LicenseReq| !is_denied(req) && (allowed.is_empty() || names(&allowed, req));
    if expression.evaluate(passes) {
        LicenceVerdict::Allowed
    } else if expression.evaluate(|req: &LicenseReq| !is_denied(req)) {
        LicenceVerdict::NotListed
    } else {
        LicenceVerdict::Denied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(all: &[&str]) -> Vec<String> {
        all.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_choice_needs_one_and_a_combination_all() {
        let denied = list(&["GPL-3.0-only"]);
        let judged = |text: &str| judge(text, &[], &denied);
        assert_eq!(judged("MIT OR GPL-3.0-only"), LicenceVerdict::Allowed);
        assert_eq!(judged("MIT AND GPL-3.0-only"), LicenceVerdict::Denied);
        assert_eq!(judged("GPL-3.0-only"), LicenceVerdict::Denied);
        assert_eq!(judged("Apache-2.0"), LicenceVerdict::Allowed);
        assert_eq!(judged("Whatever"), LicenceVerdict::Denied);
    }

    #[test]
    fn an_exception_that_is_allowed_by_name_is_allowed() {
        let text = "GPL-2.0-only WITH Classpath-exception-2.0";
        let denied = list(&["GPL-2.0-only"]);
        assert_eq!(judge(text, &[], &denied), LicenceVerdict::Denied);
        assert_eq!(judge(text, &list(&[text]), &denied), LicenceVerdict::Allowed);
        assert_eq!(judge("GPL-2.0-only", &list(&[text]), &denied), LicenceVerdict::Denied);
    }

    #[test]
    fn with_a_list_of_what_is_allowed_the_rest_is_not_listed() {
        let allowed = list(&["MIT", "Apache-2.0"]);
        assert_eq!(judge("MIT OR Apache-2.0", &allowed, &[]), LicenceVerdict::Allowed);
        assert_eq!(judge("BSD-3-Clause", &allowed, &[]), LicenceVerdict::NotListed);
        assert_eq!(judge("MIT AND BSD-3-Clause", &allowed, &[]), LicenceVerdict::NotListed);
        assert_eq!(judge("LicenseRef-acme", &allowed, &[]), LicenceVerdict::NotListed);
    }

    #[test]
    fn what_is_no_expression_is_said() {
        assert_eq!(problem("MIT OR Apache-2.0"), None);
        assert_eq!(problem("GPL-2.0-only WITH Classpath-exception-2.0"), None);
        assert!(problem("the usual one").is_some_and(|said| said.starts_with("is not an SPDX expression")));
        assert!(list_problem("MIT OR Apache-2.0").is_some() && list_problem("MIT").is_none());
    }
}
