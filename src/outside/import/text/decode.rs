//! Decoder from a known encoding to UTF-8, in constant memory.
//!
//! Undecodable input becomes the byte FF, which never occurs in UTF-8. So an invalid character spoils only its own row,
//! where invalid rows are detected.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, UTF_8};

use super::encoding::Settled;

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

/// A reader of UTF-8 over a reader in any encoding.
pub(in crate::outside) struct Decoder<'a> {
    input: Box<dyn Read + 'a>,
    raw: Vec<u8>,
    ended: bool,
    /// The length of the byte order mark at the start.
    mark: usize,
    /// `None` where the input is UTF-8 already.
    decoder: Option<Box<encoding_rs::Decoder>>,
    out: Vec<u8>,
    given: usize,
}

impl<'a> Decoder<'a> {
    pub(in crate::outside) fn new(input: impl Read + 'a, settled: Settled) -> Self {
        let other = (settled.encoding != UTF_8).then(|| Box::new(settled.encoding.new_decoder_without_bom_handling()));
        let input = Box::new(input);
        Self { input, raw: Vec::new(), ended: false, mark: settled.mark, decoder: other, out: Vec::new(), given: 0 }
    }

    /// A reader of input that is UTF-8 already.
    #[cfg(test)]
    pub(in crate::outside) fn plain(input: impl Read + 'a) -> Self {
        Self::new(input, Settled { encoding: UTF_8, mark: 0 })
    }

    /// Decodes more output, or detects the end.
    fn advance(&mut self) -> io::Result<()> {
        let got = self.input.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)?;
        self.ended = got < CHUNK;
        self.raw.drain(..self.mark.min(self.raw.len()));
        self.mark = 0;
        match &mut self.decoder {
            Some(decoder) => {
                transcode(decoder, &self.raw, self.ended, &mut self.out);
                self.raw.clear();
            }
            None => std::mem::swap(&mut self.out, &mut self.raw),
        }
        Ok(())
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            if self.ended {
                return Ok(0);
            }
            self.advance()?;
        }
        let length = into.len().min(self.out.len() - self.given);
        into[..length].copy_from_slice(&self.out[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}

/// Appends the decoded `raw` to `out`, and counts undecodable sequences.
pub(in crate::outside) fn transcode(
    decoder: &mut encoding_rs::Decoder,
    mut raw: &[u8],
    last: bool,
    out: &mut Vec<u8>,
) -> usize {
    let mut malformed = 0;
    loop {
        let length = out.len();
        let room = decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(CHUNK);
        out.resize(length + room, 0);
        let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut out[length..], last);
        out.truncate(length + written);
        raw = &raw[read..];
        match result {
            DecoderResult::InputEmpty => return malformed,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                malformed += 1;
                out.push(0xFF);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{EUC_KR, UTF_16LE};

    use super::*;

    fn decode(bytes: &[u8], settled: Settled) -> Vec<u8> {
        let mut out = Vec::new();
        Decoder::new(bytes, settled).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn a_long_file_comes_out_as_it_was_written() {
        let text = "a plain line\n".repeat(20_000) + &"환불,\"환불이 아직도 안 왔어요. 2주째예요\"\n".repeat(3_000);
        let korean = Settled { encoding: EUC_KR, mark: 0 };
        assert_eq!(decode(&EUC_KR.encode(&text).0, korean), text.as_bytes());
        let marked = format!("\u{feff}{text}");
        assert_eq!(decode(marked.as_bytes(), Settled { encoding: UTF_8, mark: 3 }), text.as_bytes());
    }

    #[test]
    fn half_a_character_is_noticed() {
        let utf16 = Settled { encoding: UTF_16LE, mark: 2 };
        assert_eq!(decode(b"\xFF\xFEa\0\x00\xD8b\0", utf16), b"a\xFFb");
        assert_eq!(decode(b"\xFF\xFEa\0b", utf16), b"a\xFF");
        assert_eq!(decode(b"", utf16), b"");
    }
}
