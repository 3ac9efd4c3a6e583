//! Detection of the delimiter of a table.

/// The delimiter in the line `sep=;` that Excel writes above the header.
pub(in crate::outside) fn excel_separator(bytes: &[u8]) -> Option<u8> {
    let rest = bytes.strip_prefix(b"sep=")?;
    let (&separator, rest) = rest.split_first()?;
    matches!(rest.first(), Some(b'\r' | b'\n')).then_some(separator)
}

/// The most frequent delimiter in the header outside quotes. Ties go to the last candidate: a comma occurs in names
/// more often than a semicolon, and a semicolon more often than a tab.
pub(in crate::outside) fn sniff_delimiter(bytes: &[u8]) -> u8 {
    let (mut counts, mut quoted) = ([(b'|', 0), (b',', 0), (b';', 0), (b'\t', 0)], false);
    for &byte in bytes.trim_ascii_start() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1),
        }
    }
    let most = counts.into_iter().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count);
    most.map_or(b',', |(delimiter, _)| delimiter)
}
