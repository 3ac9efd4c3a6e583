//! Sign-in by a proxy: it stands before this server, asks people who they are, and names them in a header.

use actix_web::{HttpRequest, web};

use crate::app::App;
use crate::domain::base::text::email_fold;
use crate::domain::team::Member;

/// The e-mail address that the proxy's header names. The header counts only on connections whose peer is the proxy,
/// because every client can send such a header. `X-Forwarded-For` is not used here, because clients can send that too.
pub fn named(request: &HttpRequest) -> Option<String> {
    let app = request.app_data::<web::Data<App>>()?;
    let header = app.config.sign_in.proxy_header()?;
    let peer = request.peer_addr()?.ip().to_canonical();
    if !app.config.sign_in.proxies()?.iter().any(|proxy| proxy.to_canonical() == peer) {
        return None;
    }
    // Two such headers are refused: the client may have sent one of them through the proxy.
    let mut values = request.headers().get_all(header);
    let (first, second) = (values.next()?, values.next());
    let email = first.to_str().ok()?.trim();
    (second.is_none() && email.contains('@') && email.len() <= 320).then(|| email.to_owned())
}

/// Whether the proxy names somebody else than this member: then their session does not count.
pub fn names_another(request: &HttpRequest, member: &Member) -> bool {
    named(request).is_some_and(|email| email_fold(&email) != email_fold(&member.email))
}
