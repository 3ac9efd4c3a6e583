//! Address filter of outgoing requests: which addresses and hosts they must not reach.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::http::Uri;

/// The first address and the prefix length of each IPv4 network that is not part of the public internet.
const PRIVATE_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
    (Ipv4Addr::new(255, 255, 255, 255), 32),
    // Some clouds offer services for their own machines at this address.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// The exceptions within IPv6 global unicast (2000::/3), the only public range: the first 16-bit groups and the prefix
/// length.
const PRIVATE_V6: [([u16; 3], u32); 5] = [
    // 6to4 and Teredo embed an arbitrary IPv4 address.
    ([0x2002, 0, 0], 16),
    ([0x2001, 0, 0], 23),
    // Reserved for documentation.
    ([0x2001, 0xdb8, 0], 32),
    ([0x3fff, 0, 0], 20),
    ([0x2001, 0x2, 0], 48),
];

/// Whether an address belongs to a private, local or special network, that is, not to the public internet.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => PRIVATE_V4.iter().any(|(network, length)| in_v4(v4, *network, *length)),
        IpAddr::V6(v6) => {
            // Loopback, mapped, NAT64, unique local, link-local, multicast and segment-routing addresses are all
            // outside of 2000::/3.
            !in_v6(v6, [0x2000, 0, 0], 3) || PRIVATE_V6.iter().any(|(network, length)| in_v6(v6, *network, *length))
        }
    }
}

fn in_v4(address: Ipv4Addr, network: Ipv4Addr, length: u32) -> bool {
    (u32::from(address) ^ u32::from(network)) >> (32 - length) == 0
}

fn in_v6(address: Ipv6Addr, [a, b, c]: [u16; 3], length: u32) -> bool {
    let network = u128::from(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0));
    (u128::from(address) ^ network) >> (128 - length) == 0
}

/// Refuses a URL that must not be requested, before its host is resolved. The resolved addresses are checked on
/// connection.
///
/// # Errors
/// A sentence that says what the URL must be.
pub fn check_url(url: &str, allow_private: bool) -> Result<(), String> {
    let uri: Uri = url.parse().map_err(|_| "is not a URL".to_owned())?;
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if allow_private => {}
        _ => return Err("must begin with https://".to_owned()),
    }
    let authority = uri.authority().map(|a| a.as_str()).unwrap_or_default();
    if authority.contains('@') {
        return Err("must not hold a user name or password".to_owned());
    }
    let host = uri.host().filter(|host| !host.is_empty()).ok_or("must name a host")?;
    match literal(host)? {
        Some(address) if !allow_private && is_private(address) => Err(refused(address)),
        _ => Ok(()),
    }
}

/// The address, if the host is a literal one. An IPv4 address must be four decimal numbers: other spellings
/// (`2130706433`, `0x7f.1`, `0177.0.0.1`) are read differently by different programs.
///
/// # Errors
/// Where the host has such a spelling.
pub fn literal(host: &str) -> Result<Option<IpAddr>, String> {
    if let Some(v6) = host.strip_prefix('[') {
        let address = v6.strip_suffix(']').and_then(|v6| v6.parse::<Ipv6Addr>().ok());
        return address.map(|v6| Some(IpAddr::V6(v6))).ok_or_else(|| "has a wrong IPv6 address".to_owned());
    }
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_hex = last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let is_decimal = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    if !is_hex && !is_decimal {
        return Ok(None);
    }
    let address =
        host.parse::<Ipv4Addr>().map_err(|_| "must write an IPv4 address as four decimal numbers".to_owned())?;
    Ok(Some(IpAddr::V4(address)))
}

/// The error text for an address that is refused.
pub fn refused(address: IpAddr) -> String {
    format!("goes to {address}, which is not on the public internet (HEARBACK_ALLOW_PRIVATE_ADDRESSES allows it)")
}
