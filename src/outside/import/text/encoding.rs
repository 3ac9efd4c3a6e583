//! Encoding detection from all bytes of a file: one Korean or Japanese line may follow a million English ones, and a
//! wrong guess would corrupt what customers wrote.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_KR, Encoding, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::decode::transcode;
use crate::outside::import::ReadError;

/// How many bytes are read at once, and how many are examined to recognise UTF-16 without a mark.
const CHUNK: usize = 64 * 1024;

/// At most one in this many characters outside ASCII may be invalid in the chosen encoding.
const ONE_IN: usize = 50;

/// Names of encodings that are in use but not in the list of the Encoding Standard.
const ALIASES: &[(&str, &str)] = &[
    ("cp949", "euc-kr"),
    ("ms949", "euc-kr"),
    ("uhc", "euc-kr"),
    ("cp932", "shift_jis"),
    ("cp936", "gbk"),
    ("cp950", "big5"),
    ("utf8", "utf-8"),
    ("utf-16le-bom", "utf-16le"),
];

/// The encoding with this name, as written by a caller or in a `Content-Type`.
pub(in crate::outside) fn named(name: &str) -> Option<&'static Encoding> {
    let name = name.trim().trim_matches('"').to_ascii_lowercase();
    let label = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name.as_str(), |(_, label)| label);
    Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != encoding_rs::REPLACEMENT)
}

/// The common name of an encoding.
pub(in crate::outside) fn name_of(encoding: &'static Encoding) -> &'static str {
    match encoding {
        e if e == EUC_KR => "CP949",
        e if e == GBK => "GB18030",
        e => e.name(),
    }
}

/// What is stated about the encoding before the file is examined.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::outside) struct Stated {
    /// The caller's option, which is always followed.
    pub(in crate::outside) option: Option<&'static Encoding>,
    /// The charset of the `Content-Type`, which a program may have written without checking.
    pub(in crate::outside) charset: Option<&'static Encoding>,
}

/// The encoding of a file, after detection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::outside) struct Settled {
    pub(in crate::outside) encoding: &'static Encoding,
    /// The length of the byte order mark at the start of the file.
    pub(in crate::outside) mark: usize,
}

/// Statistics of a file's bytes.
struct Bytes {
    detector: EncodingDetector,
    /// Valid UTF-8 sequences beyond ASCII.
    right: usize,
    /// Invalid sequences.
    wrong: usize,
    /// A sequence that is cut by the end of a chunk.
    rest: Vec<u8>,
}

impl Bytes {
    fn new() -> Self {
        Self { detector: EncodingDetector::new(Iso2022JpDetection::Deny), right: 0, wrong: 0, rest: Vec::new() }
    }

    fn feed(&mut self, piece: &[u8], last: bool) {
        self.detector.feed(piece, last);
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(piece);
        let mut seen = 0;
        for chunk in bytes.utf8_chunks() {
            self.right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            seen += chunk.valid().len() + chunk.invalid().len();
            let cut_off = seen == bytes.len() && !last && !chunk.invalid().is_empty();
            if cut_off {
                self.rest = chunk.invalid().to_vec();
            } else {
                self.wrong += usize::from(!chunk.invalid().is_empty());
            }
        }
    }
}

/// Determines the encoding of a file; `open` opens it each time it is needed.
///
/// # Errors
/// Where the file can't be read, where its bytes contradict the stated encoding, or where no encoding can be detected.
pub(in crate::outside) fn settle<'a>(
    open: &dyn Fn() -> std::io::Result<Box<dyn Read + 'a>>,
    stated: Stated,
) -> Result<Settled, ReadError> {
    let mut head = Vec::new();
    open()?.take(CHUNK as u64).read_to_end(&mut head)?;
    if let Some((encoding, mark)) = Encoding::for_bom(&head) {
        return Ok(Settled { encoding, mark });
    }
    let plain = |encoding| Ok(Settled { encoding, mark: 0 });
    if let Some(encoding) = stated.option {
        return check(open, encoding).and_then(|()| plain(encoding));
    }
    if let Some(encoding) = utf16_without_bom(&head) {
        return plain(encoding);
    }
    let bytes = look(open)?;
    let is_utf8 = bytes.wrong == 0 || bytes.right > bytes.wrong * ONE_IN / 10;
    match stated.charset {
        Some(encoding) if encoding == UTF_8 && !is_utf8 => Err(contradiction(encoding, &bytes)),
        Some(encoding) if encoding != UTF_8 && bytes.wrong == 0 && bytes.right > 0 => {
            Err(contradiction(encoding, &bytes))
        }
        Some(encoding) if encoding != UTF_8 && bytes.wrong > 0 => check(open, encoding).and_then(|()| plain(encoding)),
        _ if is_utf8 => plain(UTF_8),
        _ => {
            let encoding = bytes.detector.guess(None, Utf8Detection::Deny);
            check(open, encoding).and_then(|()| plain(encoding))
        }
    }
}

fn look<'a>(open: &dyn Fn() -> std::io::Result<Box<dyn Read + 'a>>) -> Result<Bytes, ReadError> {
    let (mut file, mut bytes, mut piece) = (open()?, Bytes::new(), vec![0; CHUNK]);
    loop {
        let length = file.read(&mut piece)?;
        bytes.feed(&piece[..length], length == 0);
        if length == 0 {
            return Ok(bytes);
        }
    }
}

fn contradiction(stated: &'static Encoding, bytes: &Bytes) -> ReadError {
    let found = if bytes.wrong == 0 { UTF_8 } else { bytes.detector.guess(None, Utf8Detection::Deny) };
    ReadError::Encoding(format!(
        "the charset says {}, but the bytes are not: they look like {}; set `encoding` to what the file is in",
        name_of(stated),
        name_of(found)
    ))
}

/// Refuses an encoding in which too much of the file is invalid.
fn check<'a>(
    open: &dyn Fn() -> std::io::Result<Box<dyn Read + 'a>>,
    encoding: &'static Encoding,
) -> Result<(), ReadError> {
    let (mut file, mut piece, mut out) = (open()?, vec![0; CHUNK], Vec::new());
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let (mut wrong, mut right) = (0, 0);
    loop {
        let length = file.read(&mut piece)?;
        wrong += transcode(&mut decoder, &piece[..length], length == 0, &mut out);
        right += String::from_utf8_lossy(&out).chars().filter(|c| !c.is_ascii() && *c != '\u{FFFD}').count();
        // Control characters of the C1 block never occur in texts; they show that the bytes have another encoding.
        let odd = String::from_utf8_lossy(&out).chars().filter(|c| ('\u{80}'..'\u{A0}').contains(c)).count();
        wrong += odd;
        out.clear();
        if length == 0 {
            break;
        }
    }
    // A single invalid character in a short file does not mean another encoding.
    if wrong > 1 && wrong * ONE_IN > right + wrong || wrong == 1 && right == 0 {
        return Err(ReadError::Encoding(format!(
            "the encoding can't be told: as {} it holds {wrong} characters that mean nothing; set `encoding` to what \
             the file is in, or save it as UTF-8",
            name_of(encoding)
        )));
    }
    Ok(())
}

/// Recognises UTF-16 by the zero bytes in its ASCII characters. A stray NUL in UTF-8 must not be mistaken for it, hence
/// the second condition: an ASCII character at the very start, or a line break.
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
    use encoding_rs::{BIG5, SHIFT_JIS, WINDOWS_1252};

    use super::*;

    fn settled(bytes: &[u8], stated: Stated) -> Result<&'static str, String> {
        settle(&|| Ok(Box::new(bytes)), stated).map(|settled| name_of(settled.encoding)).map_err(|e| e.to_string())
    }

    fn found(bytes: &[u8]) -> String {
        settled(bytes, Stated::default()).map_or_else(|e| e, str::to_owned)
    }

    const SAMPLES: &[(&str, &str)] = &[
        ("CP949", "제목,내용\n환불,환불이 아직도 안 왔어요. 2주째예요\n로그인,가나다 똠방각하 펲시\n"),
        ("Shift_JIS", "id,text\n1,ログインできません\n2,返金がまだ届きません\n"),
        ("GB18030", "id,text\n1,登录失败，请帮忙处理\n2,退款还没有到账，已经两个星期了\n"),
        ("Big5", "id,text\n1,登入失敗，請協助處理\n2,退款還沒有收到，已經兩個星期了\n"),
        (
            "windows-1252",
            "id,text\n1,I can’t log in since Monday\n2,It’s slow – very slow\n3,The “cloud” folder\n4,Café\n",
        ),
    ];

    #[test]
    fn the_usual_encodings_are_told_from_a_few_lines() {
        for (name, text) in SAMPLES {
            let (bytes, _, lost) = named(name).unwrap().encode(text);
            assert!(!lost, "{name}");
            assert_eq!(found(&bytes), *name);
            assert_eq!(found(text.as_bytes()), "UTF-8");
        }
    }

    #[test]
    fn one_line_after_many_in_ascii_decides() {
        for (name, text) in SAMPLES {
            let (bytes, _, _) = named(name).unwrap().encode(text);
            let long = [b"id,text\n9,a plain line of words\n".repeat(9_000), bytes.into_owned()].concat();
            assert_eq!(found(&long), *name);
        }
    }

    #[test]
    fn one_bad_row_does_not_change_the_encoding_of_the_others() {
        let korean = "환불이 아직도 안 왔어요\n".repeat(40);
        assert_eq!(found(&[korean.as_bytes(), b"caf\xE9\n"].concat()), "UTF-8");
        assert_eq!(found(&[&*EUC_KR.encode(&korean).0, b"\xFF\n"].concat()), "CP949");
    }

    #[test]
    fn what_is_said_is_heeded_and_never_against_the_bytes() {
        let [korean, japanese] = [&SAMPLES[0], &SAMPLES[1]].map(|(_, text)| *text);
        let option = |encoding| Stated { option: Some(encoding), charset: None };
        let charset = |encoding| Stated { option: None, charset: Some(encoding) };
        let japanese = SHIFT_JIS.encode(japanese).0;
        assert_eq!(settled(&japanese, option(SHIFT_JIS)).unwrap(), "Shift_JIS");
        assert_eq!(settled(&japanese, charset(SHIFT_JIS)).unwrap(), "Shift_JIS");
        assert!(settled(&japanese, charset(UTF_8)).unwrap_err().contains("Shift_JIS"));
        assert!(settled(korean.as_bytes(), charset(WINDOWS_1252)).unwrap_err().contains("UTF-8"));
        assert!(settled(&japanese, option(UTF_8)).is_err());
        // Plain ASCII is the same in all these encodings.
        assert!(settled(b"text\nx\n", charset(BIG5)).is_ok());
        assert_eq!(named(" \"CP949\" "), Some(EUC_KR));
        assert_eq!(named("iso-8859-1"), Some(WINDOWS_1252));
        assert_eq!(named("klingon"), None);
    }

    #[test]
    fn marks_and_zero_halves_tell_utf16() {
        let text = SAMPLES[0].1;
        for (bytes, name) in [(u16::to_le_bytes as fn(u16) -> [u8; 2], "UTF-16LE"), (u16::to_be_bytes, "UTF-16BE")] {
            let raw: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
            let marked: Vec<u8> = "\u{feff}".encode_utf16().flat_map(bytes).chain(raw.iter().copied()).collect();
            assert_eq!((found(&raw), found(&marked)), (name.to_owned(), name.to_owned()));
        }
        assert_eq!(found(b"text\na\0b\n"), "UTF-8");
        assert_eq!(found(b""), "UTF-8");
    }
}
