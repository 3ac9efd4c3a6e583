//! The body of a webhook message in the format `full`: resources beside the event. It is read when the message is sent
//! and never stored, so later messages contain no data that was erased meanwhile.
//!
//! It contains no text of a customer: titles, labels and names are included only if they pass the check for quotations.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{webhook_text, webhooks};
use crate::domain::base::Id;
use crate::domain::base::event_kinds;
use crate::domain::base::language::{Language, detect};
use crate::domain::integrations::{
    Delivery, MessageChange, MessageClosure, MessageDeployment, MessageFeedback, MessageIncident, MessageLink,
    MessagePostmortem, MessageProduct, MessageRelease, MessageReport, MessageResource, MessageStory, MessageTheme,
    WebhookTold, extended,
};
use crate::domain::reports::report::DIGEST_DUE;
use crate::error::{Code, Error, Result};
use crate::store::closure::closures;
use crate::store::operations::{incidents, postmortems};
use crate::store::releases::deployments;
use crate::store::stories::links;
use crate::store::team::products;
use crate::store::{Conn, feedback, releases, reports, stories, themes};
use crate::usecase::reports::digest;
use crate::usecase::stories::{quoting, texts};

/// The body of a message in the format `full`; `base` is the public address of this instance, if known.
pub fn full(conn: &mut Conn, delivery: &Delivery, base: Option<&str>) -> Result<Value> {
    let data = &delivery.body["data"];
    let product = data["product_id"].as_str().and_then(|id| id.parse::<Id>().ok());
    let language = match product {
        Some(id) => found(products::get(conn, id))?.and_then(|product| product.settings.language),
        None => None,
    };
    let mut reader = BodyReader { conn, base, language };
    let noun = delivery.event.split('.').next().unwrap_or_default();
    let read = match delivery.event == webhooks::TEST {
        true => Some(None),
        false => found(reader.resource(noun, delivery.subject_id))?,
    };
    let is_gone = read.is_none();
    let resource = read.flatten();
    let language = reader.language(resource.as_ref());
    let details = &data["details"];
    let changed = event_kinds::named(&delivery.event).map(|kind| kind.changed(details));
    let change = |(field, values): (String, Value)| {
        (field, MessageChange { from: values["from"].clone(), to: values["to"].clone() })
    };
    let changed: BTreeMap<String, MessageChange> = changed.into_iter().flatten().map(change).collect();
    let digest = match (delivery.event == DIGEST_DUE, &resource) {
        (true, Some(MessageResource::Report(report))) => Some(digest::text(reader.conn, report.id, details, base)?),
        _ => None,
    };
    let sentence = || webhook_text::sentence(&delivery.event, details, resource.as_ref(), language);
    let told = WebhookTold { text: digest.unwrap_or_else(sentence), changed: (!is_gone).then_some(changed), resource };
    Ok(extended(&delivery.body, &serde_json::to_value(told).map_err(Error::internal)?))
}

/// `None` where the resource no longer exists.
fn found<T>(read: Result<T>) -> Result<Option<T>> {
    match read {
        Err(e) if matches!(e.code, Code::NotFound | Code::Gone) => Ok(None),
        read => read.map(Some),
    }
}

struct BodyReader<'a> {
    conn: &'a mut Conn,
    base: Option<&'a str>,
    /// The product's language, if set.
    language: Option<String>,
}

impl BodyReader<'_> {
    /// The language of the sentence: the product's, or else that of the title in it.
    fn language(&self, resource: Option<&MessageResource>) -> Language {
        let story = match resource {
            Some(MessageResource::Story(story)) => Some(story),
            Some(MessageResource::Closure(closure)) => Some(&closure.story),
            Some(MessageResource::Link(link)) => Some(&link.story),
            _ => None,
        };
        let told = || story.and_then(|story| detect(&story.title));
        Language::of(self.language.clone().or_else(told).as_deref())
    }

    fn url(&self, path: &str, id: Id) -> Option<String> {
        self.base.map(|base| format!("{base}/v1/{path}/{id}"))
    }

    /// The resource of an event; `noun` is the first part of the event's kind.
    fn resource(&mut self, noun: &str, id: Id) -> Result<Option<MessageResource>> {
        Ok(Some(match noun {
            // Events of gates, issues and trials have the story as their subject.
            "story" | "gate" | "issue" | "trial" => MessageResource::Story(self.story(id)?),
            "theme" => MessageResource::Theme(self.theme(id)?),
            "release" => MessageResource::Release(self.release(id)?),
            "feedback" => MessageResource::Feedback(self.feedback(id)?),
            "closure" => MessageResource::Closure(self.closure(id)?),
            "deployment" => MessageResource::Deployment(self.deployment(id)?),
            "link" => MessageResource::Link(self.link(id)?),
            "product" => MessageResource::Product(self.product(id)?),
            "incident" => MessageResource::Incident(self.incident(id)?),
            "postmortem" => MessageResource::Postmortem(self.postmortem(id)?),
            "report" => MessageResource::Report(self.report(id)?),
            _ => return Ok(None),
        }))
    }

    fn story(&mut self, id: Id) -> Result<MessageStory> {
        let story = stories::rows::get(self.conn, id)?;
        let title = texts::title_of(self.conn, &story, self.language.as_deref())?;
        let closures = closures::count_by_state(self.conn, id, story.round)?;
        let closures = closures.into_iter().map(|(state, count)| (state.to_string(), count)).collect();
        Ok(MessageStory {
            id,
            title,
            stage: story.stage,
            customers: story.customer_count,
            closures,
            url: self.url("stories", id),
            number: story.number,
        })
    }

    fn theme(&mut self, id: Id) -> Result<MessageTheme> {
        let theme = themes::rows::row(self.conn, id)?;
        let label = quoting::label_may_leave(self.conn, &theme)?.then(|| theme.label.clone());
        Ok(MessageTheme {
            id,
            label,
            size: theme.size,
            customers: theme.customers,
            muted: theme.muted,
            merged_into: theme.merged_into,
            url: self.url("themes", id),
        })
    }

    fn release(&mut self, id: Id) -> Result<MessageRelease> {
        let release = releases::rows::get(self.conn, id)?;
        Ok(MessageRelease {
            id,
            name: quoting::name_may_leave(self.conn, &release)?.then(|| release.name.clone()),
            state: release.state,
            stories: release.aboard().count(),
            url: self.url("releases", id),
        })
    }

    fn feedback(&mut self, id: Id) -> Result<MessageFeedback> {
        let item = feedback::rows::get(self.conn, id)?;
        Ok(MessageFeedback {
            id,
            state: item.state,
            kind: item.kind,
            theme_id: item.theme.map(|theme| theme.id),
            product_id: item.product_id,
            url: self.url("feedback", id),
        })
    }

    fn closure(&mut self, id: Id) -> Result<MessageClosure> {
        let row = closures::row(self.conn, id)?;
        Ok(MessageClosure {
            id,
            state: row.state,
            kind: row.kind,
            channel: row.channel,
            round: row.round,
            story: self.story(row.story_id)?,
            url: self.url("closures", id),
        })
    }

    fn deployment(&mut self, id: Id) -> Result<MessageDeployment> {
        let deployment = deployments::get(self.conn, id)?;
        let release = match deployment.release_id {
            Some(release) => found(self.release(release))?,
            None => None,
        };
        Ok(MessageDeployment { id, state: deployment.state, release, url: self.url("deployments", id) })
    }

    fn link(&mut self, id: Id) -> Result<MessageLink> {
        let link = links::get(self.conn, id)?;
        Ok(MessageLink {
            id,
            provider: link.provider,
            kind: link.kind,
            state: link.state,
            story: self.story(link.story_id)?,
        })
    }

    fn product(&mut self, id: Id) -> Result<MessageProduct> {
        let product = products::get(self.conn, id)?;
        Ok(MessageProduct { id, key: product.key, name: product.name, url: self.url("products", id) })
    }

    fn postmortem(&mut self, id: Id) -> Result<MessagePostmortem> {
        let postmortem = postmortems::get(self.conn, id)?;
        Ok(MessagePostmortem {
            id,
            incident_number: postmortem.incident_number,
            state: postmortem.state,
            due_at: postmortem.due_at,
            url: self.url("postmortems", id),
        })
    }

    fn report(&mut self, id: Id) -> Result<MessageReport> {
        let report = reports::rows::get(self.conn, id)?;
        Ok(MessageReport {
            id,
            kind: report.kind,
            state: report.state,
            period_from: report.period_from,
            period_to: report.period_to,
            url: self.url("reports", id),
        })
    }

    fn incident(&mut self, id: Id) -> Result<MessageIncident> {
        let incident = incidents::get(self.conn, id)?;
        Ok(MessageIncident {
            id,
            number: incident.number,
            severity: incident.severity,
            state: incident.state,
            owner_id: incident.owner_id,
            url: self.url("incidents", id),
        })
    }
}
