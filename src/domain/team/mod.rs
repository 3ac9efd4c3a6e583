//! The team: members, tokens, products and internal notes.

pub(in crate::domain) mod member;
pub mod mentions;
pub(in crate::domain) mod note;
pub(in crate::domain) mod product;
pub(in crate::domain) mod product_settings;
pub mod rights;
pub(in crate::domain) mod session;

pub use member::{
    Caller, Me, Member, MemberEdit, MemberQuery, MintedToken, NewMember, NewToken, Role, Token, TokenQuery,
};
pub use note::{
    MentionQuery, NewNote, Note, NoteAuthor, NoteEdit, NoteMention, NoteSubject, NoteWarning, NoteWarningCode,
    WrittenNote,
};
pub use product::{DEFAULT_PRODUCT, NewProduct, Product, ProductEdit, ProductQuery, default_currency};
pub use product_settings::{
    BranchPattern, Gate, GateStage, ProductSettings, TellRollBack, Tracker, TrackerProvider, Train, UnshippedRelease,
    Weekday,
};
pub use rights::FilingRights;
pub use session::{Invitation, InvitationKind, Invited, SESSIONS_SHOWN, Session, SessionLifetime};
