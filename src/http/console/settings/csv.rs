//! CSV files to download.

use actix_web::HttpResponse;
use actix_web::http::header;

/// A CSV file (RFC 4180), in UTF-8 with a mark at its start, by which spreadsheets recognise the encoding.
pub struct Csv(String);

impl Csv {
    /// A file with this header.
    pub fn new(header: &[&str]) -> Self {
        Self(format!("\u{FEFF}{}\r\n", header.join(",")))
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        self.0 += &cells.join(",");
        self.0 += "\r\n";
    }
}

/// A cell. Spreadsheets would run a text that begins like a formula, so such a text gets an apostrophe before it.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// The answer with a file.
pub fn download(name: &str, file: Csv) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(file.0)
}

#[cfg(test)]
mod tests {
    use super::{Csv, quoted};

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        assert_eq!(quoted("say \"hi\", 안녕"), "\"say \"\"hi\"\", 안녕\"");
        for formula in ["=1+1", "+1", "-1", "@x", "\t=1"] {
            assert_eq!(quoted(formula), format!("\"'{formula}\""));
        }
        let mut file = Csv::new(&["a", "b"]);
        file.row(&["1".to_owned(), "two\nlines".to_owned()]);
        assert_eq!(file.0, "\u{FEFF}a,b\r\n\"1\",\"two\nlines\"\r\n");
    }
}
