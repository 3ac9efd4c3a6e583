//! Getting in and one's own account: sign-in, invitations, the account, and the files of the pages. A file each.

automod::dir!(pub(in crate::http) "src/http/console/entry");
