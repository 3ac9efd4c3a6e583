//! Feedback, the customers who gave it, and the imported files that it came in.

automod::dir!(pub "../domain/feedback");
pub mod own_words;
pub mod recognition;

pub use customer::{
    Account, AccountEdit, AccountQuery, AccountRef, Customer, CustomerEdit, CustomerInput, CustomerMerge,
    CustomerQuery, CustomerRef, ERASED, Erasure, Identity, NewAccount, NewCustomer,
};
pub use feedback_query::{FeedbackQuery, FeedbackSort};
pub use import::{
    Import, ImportColumn, ImportCounts, ImportError, ImportErrorQuery, ImportJob, ImportOptions, ImportQuery,
    ImportReading, ImportState, ImportWarning,
};
pub use impression::Impression;
pub use item::{
    Feedback, FeedbackEdit, Fields, Kind, KindSource, MAX_FIELDS, MAX_TEXT, NewFeedback, Sentiment, SetAside, Severity,
    Source, State, Tag, ThemeLink,
};
pub use record::{Belonging, CustomerRecord, FeedbackRecord, FieldsText, MailAddress, words_of};
