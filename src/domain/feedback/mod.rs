//! Feedback, the customers who gave it, and the imported files that it came in.

automod::dir!(pub "src/domain/feedback");
pub mod own_words;
pub mod recognition;

pub use customer::{
    Account, AccountEdit, AccountQuery, AccountRef, Customer, CustomerEdit, CustomerInput, CustomerMerge,
    CustomerQuery, CustomerRef, ERASED, Erasure, Identity, NewAccount, NewCustomer,
};
pub use import::{
    Import, ImportColumn, ImportCounts, ImportError, ImportErrorQuery, ImportJob, ImportOptions, ImportQuery,
    ImportReading, ImportState, ImportWarning,
};
pub use item::{
    Feedback, FeedbackEdit, FeedbackQuery, FeedbackSort, Fields, Kind, KindSource, MAX_FIELDS, MAX_TEXT, NewFeedback,
    SetAside, Severity, Source, State, Tag, ThemeLink,
};
pub use record::{Belonging, CustomerRecord, FeedbackRecord, FieldsText, MailAddress, words_of};
