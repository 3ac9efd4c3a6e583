//! A timeline: what a customer or an account said, and what they were told and answered, newest first.

use crate::domain::base::Time;
use crate::domain::closure::{Closure, ClosureState};
use crate::domain::feedback::Feedback;

/// What happened at a point in time.
pub enum What {
    /// They said something.
    Said(Box<Feedback>),
    /// They are to be told what became of a story.
    ToTell(Box<Closure>),
    /// They were told.
    Told(Box<Closure>),
    /// They answered, or could not be reached: the state of the case says which.
    Ended(Box<Closure>),
}

/// An entry of the timeline.
pub struct Moment {
    pub at: Time,
    pub what: What,
}

/// The timeline of this feedback and these closures.
pub fn of(feedback: Vec<Feedback>, closures: Vec<Closure>) -> Vec<Moment> {
    let said = feedback.into_iter().map(|item| Moment { at: item.occurred_at, what: What::Said(Box::new(item)) });
    let mut moments: Vec<Moment> = said.collect();
    for closure in closures {
        moments.extend(moments_of(closure));
    }
    moments.sort_by_key(|moment| std::cmp::Reverse(moment.at));
    moments
}

fn moments_of(closure: Closure) -> Vec<Moment> {
    let mut moments = Vec::new();
    let mut add =
        |at: Time, what: fn(Box<Closure>) -> What| moments.push(Moment { at, what: what(Box::new(closure.clone())) });
    if let Some(at) = closure.told_at {
        add(at, What::Told);
    }
    match (closure.state, closure.answered_at) {
        (ClosureState::Waiting, _) => add(closure.created_at, What::ToTell),
        (ClosureState::Told, _) => {}
        (_, Some(at)) => add(at, What::Ended),
        (_, None) => add(closure.updated_at, What::Ended),
    }
    moments
}
