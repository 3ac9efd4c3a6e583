//! Messages for the next page: what the last act did. They stay until the next page, and are sent as a name from a
//! list, so that nobody can put words of their own on a page.

use actix_web::HttpRequest;

use super::cookie;
use crate::domain::words::console::Words;

const COOKIE: &str = "hearback_message";
/// How long a message waits for its page, in seconds.
const WAITS: i64 = 300;

/// Declares the messages: each with the name in its cookie, and its words.
macro_rules! messages {
    ($($name:ident $text:literal $say:ident;)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Flash { $($name),* }

        impl Flash {
            fn as_str(self) -> &'static str { match self { $(Flash::$name => $text),* } }

            fn named(text: &str) -> Option<Self> {
                match text { $($text => Some(Flash::$name),)* _ => None }
            }

            /// The message in words.
            pub fn say(self, t: Words) -> String { match self { $(Flash::$name => t.$say()),* } }
        }
    };
}

messages! {
    SignedOut "signed_out" flash_signed_out;
    Saved "saved" flash_saved;
    Moved "moved" flash_moved;
    Declined "declined" flash_declined;
    Filed "filed" flash_filed;
    FiledAgain "filed_again" flash_filed_again;
    DeviceOut "device_out" flash_device_out;
    DevicesOut "devices_out" flash_devices_out;
    PasswordSet "password_set" flash_password_set;
    Welcome "welcome" flash_welcome;
    Renamed "renamed" flash_renamed;
    Muted "muted" flash_muted;
    Unmuted "unmuted" flash_unmuted;
    ViewSaved "view_saved" flash_view_saved;
    ViewDeleted "view_deleted" flash_view_deleted;
    DraftDiscarded "draft_discarded" flash_draft_discarded;
}

impl Flash {
    /// The header that keeps the message for the next page.
    pub fn keep(self, request: &HttpRequest) -> String {
        cookie::set(request, COOKIE, self.as_str(), WAITS)
    }
}

/// The message that waits for this page.
pub fn waiting(request: &HttpRequest) -> Option<Flash> {
    Flash::named(&cookie::value(request, COOKIE)?)
}

/// The header that deletes it.
pub fn shown(request: &HttpRequest) -> String {
    cookie::set(request, COOKIE, "", 0)
}
