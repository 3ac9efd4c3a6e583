//! The story in the path of a request, given by id or number.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use crate::app::App;
use crate::domain::base::Id;
use crate::domain::stories::StoryNumber;
use crate::error::{Error, Result};
use crate::store::stories::links;

/// The id of the story in the path. The path may contain its number (`HB-17`, in upper or lower case).
pub struct StoryPath(pub Id);

impl FromRequest for StoryPath {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get("id").unwrap_or_default().to_owned();
        let app = request.app_data::<web::Data<App>>().cloned();
        Box::pin(async move {
            let unknown = || Error::not_found("story");
            if let Ok(id) = text.parse() {
                return Ok(Self(id));
            }
            let number: StoryNumber = text.parse().map_err(|()| unknown())?;
            let app = app.ok_or_else(|| Error::internal("the app is not complete"))?;
            let found = app.store.read(move |conn| links::stories_numbered(conn, &[number])).await?;
            found.into_iter().next().map(Self).ok_or_else(unknown)
        })
    }
}
