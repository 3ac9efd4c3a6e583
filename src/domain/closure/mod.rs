//! Closing the loop: which customers are told of a story, how they are told, and their answers.

automod::dir!(pub "../domain/closure");

pub use audience::{
    Attached, Far, Late, LeftOut, NewTellChoices, NotMailed, NotTold, NotToldCount, PreviewAct, PreviewText, Recalled,
    Recipient, ReleasePreviewAct, ReleasePreviewQuery, Resumed, RollBackNotice, StoryFeedback, StoryPreview,
    TellChoice, TellChosen, TellPreview, TellPreviewQuery, ToldCounts,
};
pub use case::{
    Assignment, Bounce, BounceKind, Bounced, Channel, Closure, ClosureAct, ClosureAnswer, ClosureKind, ClosureQuery,
    ClosureState, Outcome, OwnFeedback, Recall, StoryRef, Told, UndoAnswer, Unreachable,
};
pub use record::ClosureRecord;
