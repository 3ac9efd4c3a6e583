//! The team: members, tokens, products and internal notes.

automod::dir!(pub "src/store/team");
