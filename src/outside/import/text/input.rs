//! Input of an import: a file that can be opened several times, because some properties can only be detected from the
//! whole file. Compressed files are unpacked here, and files that are not text are refused by their first bytes.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::outside::import::ReadError;

/// A file that can be read from the start several times.
pub trait Input<'a> {
    /// The bytes of the file from the start.
    ///
    /// # Errors
    /// Where the file can't be read.
    fn open(&self) -> io::Result<Box<dyn Read + 'a>>;
}

impl<'a> Input<'a> for &'a [u8] {
    fn open(&self) -> io::Result<Box<dyn Read + 'a>> {
        Ok(Box::new(*self))
    }
}

/// First bytes of files that are not text, with advice for the user.
const REFUSED: &[(&[u8], &str)] = &[
    (
        b"PK\x03\x04",
        "the file is an Excel workbook (.xlsx) or a zip archive: save the sheet as CSV (in Excel: \"CSV UTF-8\"), or \
         unpack the archive, and import the files inside",
    ),
    (b"PK\x05\x06", "the file is an empty zip archive"),
    (
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        "the file is an old Excel workbook (.xls): save the sheet as CSV (in Excel: \"CSV UTF-8\") and import that",
    ),
    (b"%PDF-", "the file is a PDF: export the data as CSV or JSON"),
    (b"PAR1", "the file is in the Parquet format: export the data as CSV or NDJSON"),
    (b"SQLite format 3\0", "the file is an SQLite database: export a table as CSV"),
    (b"\x28\xB5\x2F\xFD", "the file is packed with zstd: unpack it first (gzip is read as it is)"),
    (b"BZh", "the file is packed with bzip2: unpack it first (gzip is read as it is)"),
    (b"\xFD7zXZ\0", "the file is packed with xz: unpack it first (gzip is read as it is)"),
    (b"7z\xBC\xAF\x27\x1C", "the file is a 7z archive: unpack it and import the files inside"),
    (b"Rar!\x1A\x07", "the file is a RAR archive: unpack it and import the files inside"),
];

const GZIP: &[u8] = &[0x1F, 0x8B];

/// The most layers of gzip inside gzip.
const MAX_LAYERS: usize = 3;

/// A file without its compression.
pub(in crate::outside) struct Unpacked<I> {
    input: I,
    layers: usize,
    limit: u64,
}

impl<'a, I: Input<'a>> Unpacked<I> {
    /// Detects the compression. The uncompressed file may have at most `limit` bytes.
    ///
    /// # Errors
    /// For files that are not text, with advice for the user.
    pub(in crate::outside) fn look(input: I, limit: Option<u64>) -> Result<Self, ReadError> {
        let mut unpacked = Self { input, layers: 0, limit: limit.unwrap_or(u64::MAX) };
        loop {
            let mut head = Vec::new();
            unpacked.open()?.take(64).read_to_end(&mut head)?;
            if let Some((_, what)) = REFUSED.iter().find(|(magic, _)| head.starts_with(magic)) {
                return Err(ReadError::Refused((*what).to_owned()));
            }
            if !head.starts_with(GZIP) {
                return Ok(unpacked);
            }
            if unpacked.layers == MAX_LAYERS {
                return Err(ReadError::Refused("the file is packed many times over: unpack it first".into()));
            }
            unpacked.layers += 1;
        }
    }

    pub(in crate::outside) fn open(&self) -> io::Result<Box<dyn Read + 'a>> {
        let mut bytes = self.input.open()?;
        for _ in 0..self.layers {
            bytes = Box::new(MultiGzDecoder::new(bytes));
        }
        if self.layers == 0 {
            return Ok(bytes);
        }
        Ok(Box::new(Limited { bytes, left: self.limit, limit: self.limit }))
    }

    pub(in crate::outside) fn is_packed(&self) -> bool {
        self.layers > 0
    }
}

/// A reader that fails where a compressed file is larger than allowed.
struct Limited<'a> {
    bytes: Box<dyn Read + 'a>,
    left: u64,
    limit: u64,
}

impl Read for Limited<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let got = self.bytes.read(into)?;
        let Some(left) = self.left.checked_sub(got as u64) else {
            return Err(io::Error::other(format!("it has more than {} bytes when unpacked", self.limit)));
        };
        self.left = left;
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    fn all(bytes: &[u8], limit: Option<u64>) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        Unpacked::look(bytes, limit).map_err(io::Error::other)?.open()?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn gzip_is_unpacked_and_what_is_no_text_refused_with_what_to_do() {
        assert_eq!(all(b"text\nx\n", None).unwrap(), b"text\nx\n");
        let twice = [gzip(b"text\n"), gzip(b"x\n")].concat();
        assert_eq!(all(&twice, None).unwrap(), b"text\nx\n");
        assert_eq!(all(&gzip(&gzip(b"x")), None).unwrap(), b"x");
        assert!(all(&gzip(&[b'x'; 5_000]), Some(4_999)).is_err());
        assert_eq!(all(&gzip(&[b'x'; 5_000]), Some(5_000)).unwrap().len(), 5_000);
        for bytes in [&b"PK\x03\x04\x14\0"[..], &gzip(b"PK\x03\x04\x14\0")] {
            assert!(all(bytes, None).unwrap_err().to_string().contains("CSV UTF-8"));
        }
        assert!(all(b"%PDF-1.7", None).is_err());
    }
}
