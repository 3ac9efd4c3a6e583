//! The case of a customer: what a mail says about a closure, what the page behind its link asks, and until when there can
//! be an answer. They all read it here, so that they agree.

use super::customer_links::{self, LinkContent, Purpose};
use super::messages::{self, Message};
use super::told_words::{self, OwnWords, ToldWords};
use crate::domain::base::language::Language;
use crate::domain::base::{Id, Time};
use crate::domain::closure::ClosureRecord;
use crate::domain::closure::letter::LetterContent;
use crate::domain::feedback::CustomerRecord;
use crate::domain::stories::Story;
use crate::domain::team::Product;
use crate::error::{Code, Result};
use crate::store::closure::closures;
use crate::store::feedback::customers;
use crate::store::stories::frozen_evidence;
use crate::store::team::products;
use crate::store::{Conn, stories};

/// A closure with all that its customer is told.
#[derive(Clone, Debug)]
pub struct Case {
    pub closure: ClosureRecord,
    pub customer: CustomerRecord,
    pub story: Story,
    pub product: Product,
    /// The feedback that the customer is reminded of.
    pub own: Option<OwnWords>,
    /// The texts of the story, in the customer's language where it has them.
    pub told: ToldWords,
}

/// What a letter adds to a case.
#[derive(Clone, Debug)]
pub struct LetterLinks {
    /// The URL at which the customer can answer.
    pub answer: String,
    /// The end of the time in which they can answer.
    pub until: Time,
    /// The URL at which they can unsubscribe.
    pub unsubscribe: String,
    /// Whether it is a reminder of an earlier message.
    pub is_reminder: bool,
}

impl Case {
    /// The content of the letter to the customer, whether it is mailed or a member sends the words.
    pub fn letter(self, links: LetterLinks) -> LetterContent {
        LetterContent {
            kind: self.closure.kind,
            language: self.language(),
            name: self.customer.name,
            product: self.product.name,
            said: self.own.map(|own| (own.words, own.at)),
            title: self.told.title,
            entry: self.told.entry.or(self.told.reason),
            release: self.told.release,
            reminder: links.is_reminder,
            answer: links.answer,
            until: links.until,
            unsubscribe: links.unsubscribe,
        }
    }

    /// The case of a closure. The number of queries is the same for every closure.
    ///
    /// # Errors
    /// 404 where the customer, the story or its product is gone.
    pub fn of(conn: &mut Conn, closure: ClosureRecord) -> Result<Self> {
        let customer = customers::row(conn, closure.customer_id)?;
        let story = stories::rows::get(conn, closure.story_id)?;
        let product = products::get(conn, story.product_id)?;
        let own = told_words::own_words(conn, story.id, closure.customer_id)?;
        let language = own.as_ref().and_then(|own| own.language.as_deref());
        let told = told_words::of(conn, &story, closure.kind, closure.release_id, language)?;
        Ok(Self { closure, customer, story, product, own, told })
    }

    /// The language in which the customer is written to: that of their feedback.
    pub fn language(&self) -> Language {
        Language::of(self.own.as_ref().and_then(|own| own.language.as_deref()))
    }

    /// The end of the customer's time to answer a message that is sent at `sent`.
    pub fn answer_until(&self, message: Message, sent: Time) -> Time {
        messages::answer_until(&self.closure, &self.product, message, sent)
    }
}

/// The case that a link to answer is about, and the link.
///
/// # Errors
/// 404 where the link is none of this instance's.
pub fn by_link(conn: &mut Conn, token: &str) -> Result<(Case, LinkContent)> {
    let link = customer_links::resolve(conn, Purpose::Answer, token)?;
    let closure = closures::row(conn, link.about)?;
    Ok((Case::of(conn, closure)?, link))
}

/// A customer who follows a link to unsubscribe.
#[derive(Clone, Copy, Debug)]
pub struct Subscriber {
    /// Their language, where their feedback tells it.
    pub language: Option<Language>,
    /// What the mail with the link was about: a closure, or the customer.
    pub about: Id,
    pub has_unsubscribed: bool,
}

/// The customer that a link to unsubscribe is about.
///
/// # Errors
/// 404 where the link is none of this instance's, 410 where the customer is erased.
pub fn subscriber(conn: &mut Conn, token: &str) -> Result<Subscriber> {
    let about = customer_links::resolve(conn, Purpose::Unsubscribe, token)?.about;
    let (customer, closure) = messages::addressee(conn, about)?;
    if customer.erased_at.is_some() {
        return Err(Code::Gone.into());
    }
    let said = match closure {
        Some(closure) => frozen_evidence::said(conn, closure.story_id, customer.id)?.into_iter().next(),
        None => None,
    };
    let language = match said {
        Some(said) => said.language,
        None => customers::language(conn, customer.id)?,
    };
    let language = language.map(|language| Language::of(Some(&language)));
    Ok(Subscriber { language, about, has_unsubscribed: customer.unsubscribed_at.is_some() })
}
