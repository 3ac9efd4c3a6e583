//! Group: themes, the assignment of feedback to them, and corrections by people.

automod::dir!(pub "src/store/themes");
