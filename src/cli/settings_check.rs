//! Warnings about settings that are valid but probably not intended.

use std::net::IpAddr;

use clap::CommandFactory;

use crate::config::Config;

/// Warnings about the settings, one sentence each.
pub fn doubts(config: &Config) -> Vec<String> {
    let names = std::env::vars().map(|(name, _)| name);
    links(config).into_iter().chain(unknown(names)).collect()
}

/// A warning if links in mails work only on this machine.
fn links(config: &Config) -> Option<String> {
    let url = config.public_url();
    let host = host_of(&url);
    let everywhere = host_of(&config.listen).parse().is_ok_and(|listen: IpAddr| listen.is_unspecified());
    // A trial on one machine without mail needs no warning.
    let matters = config.public_url.is_some() || config.smtp_url.is_some() || everywhere;
    if !matters || !is_nowhere(host) {
        return None;
    }
    let which = if config.public_url.is_some() {
        "HEARBACK_PUBLIC_URL is"
    } else {
        "without HEARBACK_PUBLIC_URL they begin with"
    };
    Some(format!(
        "links in mails do not work on customers' machines: {which} {url}. Set HEARBACK_PUBLIC_URL to the public address."
    ))
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => rest.rsplit_once(':').map_or(rest, |(host, _)| host),
    }
}

/// Whether a host is this machine (loopback), or the wildcard address.
fn is_nowhere(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback() || address.is_unspecified(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Warnings about environment variables that look like settings but are not.
fn unknown(names: impl Iterator<Item = String>) -> Vec<String> {
    #[derive(clap::Parser)]
    struct SettingsOnly {
        #[command(flatten)]
        _config: Config,
    }
    let command = SettingsOnly::command();
    let known: Vec<String> =
        command.get_arguments().filter_map(|arg| arg.get_env()?.to_str().map(str::to_owned)).collect();
    let mut unknown: Vec<String> =
        names.filter(|name| name.starts_with("HEARBACK_") && !known.contains(name)).collect();
    unknown.sort();
    let say = |name: String| match nearest(&name, &known) {
        Some(near) => format!("{name} is not a setting; did you mean {near}?"),
        None => format!("{name} is not a setting."),
    };
    unknown.into_iter().map(say).collect()
}

/// The most similar known name, if it is similar enough.
fn nearest<'a>(name: &str, known: &'a [String]) -> Option<&'a String> {
    let best = known.iter().map(|other| (distance(name, other), other)).min_by_key(|(distance, _)| *distance)?;
    (best.0 <= 3).then_some(best.1)
}

/// The edit distance of two names (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_no_setting_is_told_with_the_one_that_is_meant() {
        let names = ["HEARBACK_SMTP_URI", "HEARBACK_LOG", "HEARBACK_COLOUR_OF_THE_SKY", "PATH", "DATABASE_URL"];
        let told = unknown(names.iter().map(|name| (*name).to_owned()));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].contains("HEARBACK_SMTP_URL") && told[0].starts_with("HEARBACK_COLOUR"), "{told:?}");
    }

    #[test]
    fn links_to_this_machine_are_told() {
        for url in
            ["http://0.0.0.0:8080", "http://127.0.0.1", "http://[::1]:8080/x", "https://localhost", "http://[::]:80"]
        {
            assert!(is_nowhere(host_of(url)), "{url}");
        }
        for url in ["https://voice.example.com/x", "http://10.0.0.5:8080", "http://[2001:db8::1]"] {
            assert!(!is_nowhere(host_of(url)), "{url}");
        }
    }
}
