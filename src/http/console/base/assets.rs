//! The files that pages load: one style sheet, one script and an icon. Their addresses contain a hash of their content,
//! so browsers keep them forever.

use std::io::Write;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A file with its address.
pub struct Asset {
    pub address: String,
    /// Its media type.
    pub kind: &'static str,
    pub plain: &'static [u8],
    pub gzip: Bytes,
}

impl Asset {
    fn new(name: &str, extension: &str, kind: &'static str, plain: &'static [u8]) -> Self {
        let hash: String = Sha256::digest(plain).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let gzip = gzip(plain, Compression::best()).into();
        Self { address: format!("/assets/{name}-{hash}.{extension}"), kind, plain, gzip }
    }
}

/// Compressed bytes; empty where that fails, which it does not in memory.
pub fn gzip(plain: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), level);
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let plain = concat!(
        include_str!("../../../../templates/console/style/base.css"),
        include_str!("../../../../templates/console/style/live.css"),
        include_str!("../../../../templates/console/style/product.css"),
        include_str!("../../../../templates/console/style/settings.css"),
        include_str!("../../../../templates/console/style/releases.css"),
        include_str!("../../../../templates/console/style/delivery.css"),
        include_str!("../../../../templates/console/style/support.css"),
        include_str!("../../../../templates/console/style/operations.css"),
        include_str!("../../../../templates/console/style/keys.css"),
        include_str!("../../../../templates/console/style/measures.css"),
        include_str!("../../../../templates/console/style/requests.css"),
        include_str!("../../../../templates/console/style/privacy.css"),
        include_str!("../../../../templates/console/style/reports.css"),
        include_str!("../../../../templates/console/style/dependencies.css"),
    )
    .as_bytes();
    Asset::new("console", "css", "text/css; charset=utf-8", plain)
});
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let plain = concat!(
        include_str!("../../../../templates/console/script/base.js"),
        include_str!("../../../../templates/console/script/live.js"),
        include_str!("../../../../templates/console/script/product.js"),
        include_str!("../../../../templates/console/script/settings.js"),
        include_str!("../../../../templates/console/script/support.js"),
        include_str!("../../../../templates/console/script/keys.js"),
    )
    .as_bytes();
    Asset::new("console", "js", "text/javascript; charset=utf-8", plain)
});
pub static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let plain = include_bytes!("../../../../templates/console/icon.svg");
    Asset::new("icon", "svg", "image/svg+xml", plain)
});

/// Whether the client takes a compressed answer.
pub fn takes_gzip(request: &HttpRequest) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|part| part.trim().split(';').next() == Some("gzip"))
}

/// The file at this address.
pub fn at(address: &str) -> Option<&'static Asset> {
    [&*STYLE, &*SCRIPT, &*ICON].into_iter().find(|asset| asset.address == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_are_small() {
        let together = STYLE.gzip.len() + SCRIPT.gzip.len();
        assert!(together <= 30 * 1024, "{together} bytes compressed");
    }
}
