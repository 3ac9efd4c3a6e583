//! Sign-in by a proxy: it stands before this server, asks people who they are, and names them in a header.

use actix_web::{HttpRequest, web};

use crate::app::App;
use crate::domain::base::text::email_fold;
use crate::domain::team::Member;

/// The e-mail address of whoever the proxy names. The header counts only on connections from the proxy itself: anybody
/// else could write it. What `X-Forwarded-For` says does not matter here, since anybody can write that too.
pub fn named(request: &HttpRequest) -> Option<String> {
    let app = request.app_data::<web::Data<App>>()?;
    let header = app.config.sign_in.proxy_header()?;
    let peer = request.peer_addr()?.ip().to_canonical();
    if !app.config.sign_in.proxies()?.iter().any(|proxy| proxy.to_canonical() == peer) {
        return None;
    }
    // Twice: one of them may have passed the proxy from outside.
    let mut values = request.headers().get_all(header);
    let (first, second) = (values.next()?, values.next());
    let email = first.to_str().ok()?.trim();
    (second.is_none() && email.contains('@') && email.len() <= 320).then(|| email.to_owned())
}

/// Whether the proxy names somebody else than this member: then their session does not count.
pub fn names_another(request: &HttpRequest, member: &Member) -> bool {
    named(request).is_some_and(|email| email_fold(&email) != email_fold(&member.email))
}
