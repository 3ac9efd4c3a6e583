//! Bytes of any usual encoding in, UTF-8 out, in constant memory.
//!
//! What could not be decoded comes out as the byte FF, which is never UTF-8: so a bad character spoils the row it is
//! in, where every bad row is noticed, and no other.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, EUC_KR, Encoding, UTF_16BE, UTF_16LE};

/// How much is read at once, and how much is looked at to tell the encoding.
const CHUNK: usize = 64 * 1024;

/// A reader of UTF-8 over a reader of anything.
pub(super) struct Decoder<'a> {
    input: Box<dyn Read + 'a>,
    raw: Vec<u8>,
    ended: bool,
    state: State,
    out: Vec<u8>,
    given: usize,
}

enum State {
    Start,
    /// ASCII only so far, which reads the same in UTF-8 and CP949: the first other byte decides.
    Ascii,
    Utf8,
    Other(Box<encoding_rs::Decoder>),
    Done,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(input: impl Read + 'a) -> Self {
        let input = Box::new(input);
        Self { input, raw: Vec::new(), ended: false, state: State::Start, out: Vec::new(), given: 0 }
    }

    /// Makes some more output, or finds that there is none.
    fn advance(&mut self) -> io::Result<()> {
        self.fill(CHUNK)?;
        if matches!(self.state, State::Start) {
            self.state = self.start();
        }
        if matches!(self.state, State::Ascii)
            && let Some(first) = self.raw.iter().position(|byte| !byte.is_ascii())
        {
            self.fill(first + CHUNK)?;
            let cp949 = is_cp949(&self.raw[first..]);
            self.state = if cp949 { State::other(EUC_KR) } else { State::Utf8 };
        }
        match &mut self.state {
            State::Other(decoder) => {
                transcode(decoder, &self.raw, self.ended, &mut self.out);
                self.raw.clear();
            }
            _ => std::mem::swap(&mut self.out, &mut self.raw),
        }
        if self.ended {
            self.state = State::Done;
        }
        Ok(())
    }

    /// Reads until `length` raw bytes are here or the input ends.
    fn fill(&mut self, length: usize) -> io::Result<()> {
        let want = length.saturating_sub(self.raw.len());
        let got = self.input.by_ref().take(want as u64).read_to_end(&mut self.raw)?;
        self.ended |= got < want;
        Ok(())
    }

    fn start(&mut self) -> State {
        match Encoding::for_bom(&self.raw) {
            Some((encoding, length)) => {
                self.raw.drain(..length);
                if encoding == encoding_rs::UTF_8 { State::Utf8 } else { State::other(encoding) }
            }
            None => utf16_without_bom(&self.raw).map_or(State::Ascii, State::other),
        }
    }
}

impl State {
    fn other(encoding: &'static Encoding) -> Self {
        Self::Other(Box::new(encoding.new_decoder_without_bom_handling()))
    }
}

impl Read for Decoder<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            if matches!(self.state, State::Done) {
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

/// Appends `raw` to `out` and counts what could not be decoded.
fn transcode(decoder: &mut encoding_rs::Decoder, mut raw: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
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

/// CP949 (Excel in Korea): wrong as UTF-8 more often than right, and better as CP949. One bad row in a UTF-8 file, or
/// a Western code page, is not taken for it.
fn is_cp949(sample: &[u8]) -> bool {
    let (mut right, mut wrong) = (0, 0);
    for chunk in sample.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    let mut decoder = EUC_KR.new_decoder_without_bom_handling();
    wrong > right && transcode(&mut decoder, sample, false, &mut Vec::new()) < wrong
}

/// UTF-16 shows by the zero half of its ASCII characters. A stray NUL in UTF-8 must not look like it, hence the
/// second sign: an ASCII character at the very start, or a line break.
fn utf16_without_bom(raw: &[u8]) -> Option<&'static Encoding> {
    let pairs = || raw.chunks_exact(2);
    let looks = |zero: usize, other: usize| {
        let nuls = pairs().filter(|pair| pair[zero] == 0).count();
        let wrong = pairs().filter(|pair| pair[other] == 0).count();
        let ascii = |pair: &[u8]| pair[zero] == 0 && pair[other] != 0;
        let sign = pairs().next().is_some_and(ascii) || pairs().any(|pair| ascii(pair) && pair[other] == b'\n');
        sign && nuls * 20 >= raw.len() / 2 && nuls > 3 * wrong
    };
    if looks(1, 0) {
        Some(UTF_16LE)
    } else if looks(0, 1) {
        Some(UTF_16BE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KOREAN: &str = "제목,내용\n환불,\"환불이 아직도 안 왔어요. 2주째예요\"\n로그인,가나다 똠방각하 펲시\n";

    fn decode(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Decoder::new(bytes).read_to_end(&mut out).unwrap();
        out
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_usual_encoding_reads_the_same() {
        let with = |bom: &[u8], bytes: Vec<u8>| [bom, &bytes].concat();
        let english = format!("title,text\r\n{KOREAN}");
        let samples = [
            KOREAN.as_bytes().to_vec(),
            with(b"\xEF\xBB\xBF", KOREAN.into()),
            with(b"\xFF\xFE", utf16(KOREAN, u16::to_le_bytes)),
            with(b"\xFE\xFF", utf16(KOREAN, u16::to_be_bytes)),
            utf16(KOREAN, u16::to_le_bytes),
            utf16(KOREAN, u16::to_be_bytes),
            EUC_KR.encode(KOREAN).0.into_owned(),
        ];
        for (n, sample) in samples.iter().enumerate() {
            assert_eq!(String::from_utf8(decode(sample)).unwrap(), KOREAN, "sample {n}");
        }
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            assert_eq!(decode(&utf16(&english, bytes)), english.as_bytes());
        }
    }

    #[test]
    fn korean_after_a_long_english_beginning_is_still_recognised() {
        let text = format!("{}{}", "a plain line\n".repeat(20_000), KOREAN.repeat(3_000));
        assert_eq!(decode(&EUC_KR.encode(&text).0), text.as_bytes());
        assert_eq!(decode(text.as_bytes()), text.as_bytes());
    }

    #[test]
    fn one_bad_row_does_not_change_the_encoding_of_the_others() {
        for (bad, encoded) in
            [(&b"caf\xE9,\n"[..], KOREAN.as_bytes().to_vec()), (b"\xFF\n", EUC_KR.encode(KOREAN).0.into())]
        {
            let out = decode(&[&encoded, bad, &encoded].concat());
            let good = out.split(|b| *b == b'\n').filter(|line| std::str::from_utf8(line).is_ok()).count();
            assert_eq!(good, 7, "{}", String::from_utf8_lossy(&out));
        }
        assert_eq!(decode(b"text\ncaf\xE9 noir\nna\xEFve\n"), b"text\ncaf\xE9 noir\nna\xEFve\n");
    }

    #[test]
    fn a_stray_nul_is_not_utf16_and_half_a_character_is_noticed() {
        assert_eq!(decode(b"text\na\0b\n"), b"text\na\0b\n");
        assert_eq!(decode(b"\xFF\xFEa\0\x00\xD8b\0"), b"a\xFFb");
        assert_eq!(decode(b"\xFF\xFEa\0b"), b"a\xFF");
        assert_eq!(decode(b""), b"");
    }
}
