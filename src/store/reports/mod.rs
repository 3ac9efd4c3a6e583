//! The rows and queries of reports, and the figures that they are made of.

automod::dir!(pub "src/store/reports");
