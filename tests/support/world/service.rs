//! The app without a socket: the same middleware and routes as the server's, called on a thread of their own.

use std::rc::Rc;
use std::sync::mpsc;

use actix_web::body::{BodySize, MessageBody, to_bytes};
use actix_web::dev::Service as _;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::test::{TestRequest, init_service};
use hearback::app::App;
use hearback::http::{Shared, application};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::http::{Answer, Parts};

/// Requests with the channel for their answer. The thread ends when every sender is dropped.
pub type Service = UnboundedSender<(Parts, mpsc::Sender<Answer>)>;

/// Starts the thread that answers requests.
pub fn start(app: App) -> Service {
    let (sender, mut requests) = unbounded_channel::<(Parts, mpsc::Sender<Answer>)>();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let service = Rc::new(init_service(application(Shared::start(&app).expect("a thread"))).await);
            while let Some((parts, reply)) = requests.recv().await {
                let service = service.clone();
                actix_web::rt::spawn(async move {
                    let answer = match service.call(request(parts).to_request()).await {
                        Ok(answered) => answer(answered.into_parts().1).await,
                        Err(error) => answer(error.error_response()).await,
                    };
                    let _ = reply.send(answer);
                });
            }
        });
    });
    sender
}

fn request(parts: Parts) -> TestRequest {
    let method = parts.method.parse().expect("a method");
    let mut request = TestRequest::with_uri(&parts.path).method(method).insert_header(("Host", "test"));
    for (name, value) in &parts.headers {
        let name: HeaderName = name.parse().expect("a header's name");
        request = request.append_header((name, HeaderValue::from_str(value).expect("a header's value")));
    }
    match parts.body {
        // As an HTTP client does.
        Some(body) => request.insert_header(("Content-Length", body.len().to_string())).set_payload(body),
        None => request,
    }
}

async fn answer(response: actix_web::HttpResponse<impl MessageBody>) -> Answer {
    let (status, mut headers) = (response.status().as_u16(), texts(response.headers()));
    // What the encoder of a connection adds.
    if let BodySize::Sized(length) = response.body().size() {
        headers.push(("content-length".to_owned(), length.to_string()));
    }
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    Answer::new(status, headers, String::from_utf8_lossy(&body).into_owned())
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers.iter().map(|(k, v)| (k.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect()
}
