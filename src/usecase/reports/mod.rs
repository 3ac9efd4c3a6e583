//! Reports: what they say, who gets them, and the sales view of an account.

automod::dir!(pub "src/usecase/reports");
