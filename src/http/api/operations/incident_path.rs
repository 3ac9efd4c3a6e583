//! The incident in the path of a request, given by id or number.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::operations::incident::IncidentNumber;
use crate::error::{Error, Result};
use crate::store::operations::incidents;

/// The id of the incident in the path. The path may contain its number (`HB-INC-1`, in upper or lower case).
pub struct IncidentPath(pub Id);

impl FromRequest for IncidentPath {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default().to_owned();
        let app = request.app_data::<web::Data<App>>().cloned();
        Box::pin(async move {
            let unknown = || Error::not_found("incident");
            if let Ok(id) = text.parse() {
                return Ok(Self(id));
            }
            let number: IncidentNumber = text.parse().map_err(|()| unknown())?;
            let app = app.ok_or_else(|| Error::internal("the app is not complete"))?;
            let found = app.store.read(move |conn| incidents::numbered(conn, &number)).await?;
            found.map(Self).ok_or_else(unknown)
        })
    }
}
