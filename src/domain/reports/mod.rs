//! Reports: what a stakeholder reads of a product, by mail, on a page or as a file, and who gets it when.

automod::dir!(pub "../domain/reports");
