//! Group: assignment of feedback to themes, texts of themes, and corrections by people.

automod::dir!(pub "src/usecase/themes");
