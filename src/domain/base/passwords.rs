//! Removal of database passwords from error messages: libpq quotes the parts of a connection URL that it cannot parse.

/// `message` without the password of `url`, also where the message quotes only a part of it.
pub fn hide(message: &str, url: &str) -> String {
    let mut hidden = message.replace(url, "[the address]");
    let mut secrets = secrets_of(url);
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    for secret in secrets {
        // A short piece may occur in any word, so it is replaced only where it is quoted.
        if secret.len() >= 4 {
            hidden = hidden.replace(&secret, "***");
        } else {
            hidden = hidden.replace(&format!("\"{secret}\""), "\"***\"");
        }
    }
    hidden
}

/// The password as it stands in the URL, decoded, and in the pieces that a parser may report when a character in it
/// ends the password too early.
fn secrets_of(url: &str) -> Vec<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut found = Vec::new();
    match rest.rsplit_once('@') {
        Some((user, _)) => found.extend(user.split_once(':').map(|(_, password)| password.to_owned())),
        // Without a host, the password stands where the port is expected.
        None => {
            let port = rest.split_once(':').map(|(_, port)| port.split(['/', '?']).next().unwrap_or_default());
            found.extend(port.filter(|port| port.bytes().any(|b| !b.is_ascii_digit())).map(str::to_owned));
        }
    }
    let parameters = rest.split_once('?').map_or("", |(_, parameters)| parameters).split('&');
    let named = parameters.filter_map(|pair| pair.split_once('=').filter(|(name, _)| name.contains("password")));
    found.extend(named.map(|(_, value)| value.to_owned()));
    let mut all = Vec::new();
    for secret in found {
        let decoded = serde_urlencoded::from_str::<Vec<(String, String)>>(&format!("p={}", secret.replace('+', "%2B")));
        all.extend(decoded.unwrap_or_default().into_iter().map(|(_, decoded)| decoded));
        all.extend(secret.split(['@', '/', ':', '?', '#', '%', '[', ']', '&', '=']).map(str::to_owned));
        all.push(secret);
    }
    all.retain(|secret| !secret.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_password_is_shown() {
        for (message, url) in [
            ("missing \"]\" in: postgres://u:hunter22@[bad/x", "postgres://u:hunter22@[bad/x"),
            ("invalid integer value \"hunter22\" for option \"port\"", "postgres://u:hunter22/more@db/x"),
            ("could not translate host name \"hunter22@db\"", "postgres://u:pa@hunter22@db/x"),
            ("invalid percent-encoded token: \"hunter22\"", "postgres://u:hunter22%zz@db/x"),
            ("invalid port: \"hunter22\"", "postgres://u:hunter22"),
            ("password hunter22! refused", "postgres://u:hunter22%21@db/x"),
            ("bad parameter hunter22", "postgres://db/x?sslpassword=hunter22"),
        ] {
            let hidden = hide(message, url);
            assert!(!hidden.contains("hunter22"), "{hidden}");
        }
        let plain = "connection to server at \"db\", port 5432 failed: Connection refused";
        assert_eq!(hide(plain, "postgres://u:hunter22@db:5432/x"), plain);
        assert_eq!(hide(plain, "postgres://db:5432/x"), plain);
    }
}
