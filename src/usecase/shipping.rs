//! Shipping: releases are planned, frozen and shipped, and deployments bring them to customers.

use crate::domain::{Deployment, NewDeployment};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Records a deployment that `source` (`api`, `github`, `gitlab`, `cdevents`) reports. In the production environment a
/// succeeded one releases the stories of its release, and a rolled-back one takes the release back.
///
/// # Errors
/// 404 or 422 where the product or the release is unknown.
pub fn deployed(_tx: &mut Tx<'_>, _source: &'static str, _input: &NewDeployment) -> Result<Deployment> {
    Err(Code::Internal.into())
}
