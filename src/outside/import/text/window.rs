//! The read buffer: a window that moves over a file and grows only as far as one row needs.

use std::io::{self, Read};

use super::decode::Decoder;

/// The longest row, in bytes. A longer row is rejected and skipped.
pub(in crate::outside) const MAX_ROW: usize = 4 * 1024 * 1024;

/// How many bytes are read at once at least.
const CHUNK: usize = 64 * 1024;

/// A window over the decoded input, with look-ahead.
pub(in crate::outside) struct Window<'a> {
    input: Decoder<'a>,
    bytes: Vec<u8>,
    start: usize,
    ended: bool,
}

impl<'a> Window<'a> {
    pub(in crate::outside) fn new(input: Decoder<'a>) -> Self {
        Self { input, bytes: Vec::new(), start: 0, ended: false }
    }

    /// The bytes that were read and not consumed yet.
    pub(in crate::outside) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Whether the input ends after [`Self::unread`].
    pub(in crate::outside) fn ended(&self) -> bool {
        self.ended
    }

    /// Moves the window by `length` bytes.
    pub(in crate::outside) fn consume(&mut self, length: usize) {
        self.start = (self.start + length).min(self.bytes.len());
    }

    /// Reads more, at least as much as is unread, so that rescanning a row costs at most twice its length in total;
    /// false at the end of the file.
    pub(in crate::outside) fn more(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        let want = self.bytes.len().max(CHUNK);
        let got = self.input.by_ref().take(want as u64).read_to_end(&mut self.bytes)?;
        self.ended = got < want;
        Ok(got > 0)
    }

    /// The position of the first `\n` at or after `from`. Reads on to find it, up to the longest row.
    pub(in crate::outside) fn line_end(&mut self, from: usize) -> io::Result<LineEnd> {
        let mut seen = from;
        loop {
            let unread = self.unread();
            let length = unread.len();
            if let Some(at) = unread.get(seen..).and_then(|rest| rest.iter().position(|b| *b == b'\n')) {
                return Ok(LineEnd::At(seen + at));
            }
            if length > MAX_ROW {
                return Ok(LineEnd::TooFar);
            }
            seen = length;
            if !self.more()? {
                return Ok(LineEnd::AtEnd);
            }
        }
    }

    /// Skips the rest of the line, of any length.
    pub(in crate::outside) fn skip_line(&mut self) -> io::Result<()> {
        loop {
            match self.line_end(0)? {
                LineEnd::At(at) => {
                    self.consume(at + 1);
                    return Ok(());
                }
                LineEnd::AtEnd => {
                    self.consume(self.unread().len());
                    return Ok(());
                }
                LineEnd::TooFar => self.consume(self.unread().len()),
            }
        }
    }
}

/// The end of a line.
pub(in crate::outside) enum LineEnd {
    At(usize),
    /// At the end of the file, without a line break.
    AtEnd,
    /// Beyond the longest row.
    TooFar,
}
