//! How far this machine's clock and the API server's are apart.

use http::header::DATE;
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use kube::{Client, client::Body};

/// How far the API server's clock is ahead of this machine's at least, or behind it (less than nothing), by the date of an answer. Nothing
/// if the two may agree, or if a server between has left the date out.
///
/// # Errors
/// The API server does not answer.
pub async fn ahead(client: &Client) -> Result<SignedDuration, kube::Error> {
    let request = http::Request::get("/version").body(Body::empty());
    let asked = Timestamp::now();
    let answer = client.send(request.map_err(kube::Error::HttpError)?).await?;
    let answered = Timestamp::now();
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let dated = date.and_then(|date| Some(rfc2822::parse(date).ok()?.timestamp()));
    Ok(dated.map_or(SignedDuration::ZERO, |dated| apart(asked, answered, dated)))
}

/// The same of an answer that was dated, to the second, between the question and its arrival.
fn apart(asked: Timestamp, answered: Timestamp, dated: Timestamp) -> SignedDuration {
    let ahead = dated.duration_since(answered);
    let behind = asked.duration_since(dated) - SignedDuration::from_secs(1);
    if ahead.is_positive() {
        ahead
    } else if behind.is_positive() {
        -behind
    } else {
        SignedDuration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http::{Request, Response};

    use super::*;

    #[test]
    fn only_what_no_delay_and_no_second_explains_is_a_difference() {
        let at = |text: &str| format!("2026-01-01T{text}Z").parse::<Timestamp>().unwrap();
        let seconds = |dated| apart(at("10:00:00.9"), at("10:00:02.1"), at(dated)).as_secs_f64();
        for same in ["10:00:00", "10:00:01", "10:00:02"] {
            assert!(seconds(same).abs() < 0.001, "{same}");
        }
        assert!((seconds("10:00:03") - 0.9).abs() < 0.001);
        assert!((seconds("11:00:02") - 3599.9).abs() < 0.001);
        assert!((seconds("09:00:00") + 3599.9).abs() < 0.001);
    }

    #[tokio::test]
    async fn a_server_says_what_its_clock_says_or_nothing() {
        let server = |date: Option<&'static str>| {
            let service = tower::service_fn(move |_: Request<Body>| async move {
                let answer = date
                    .into_iter()
                    .fold(Response::builder(), |answer, date| answer.header(DATE, date));
                Ok::<_, Infallible>(answer.body(Body::empty()).unwrap())
            });
            Client::new(service, "default")
        };
        let then = ahead(&server(Some("Thu, 01 Jan 2026 10:00:00 GMT")))
            .await
            .unwrap();
        assert!(then.is_negative(), "{then}");
        for none in [None, Some(""), Some("yesterday")] {
            assert!(ahead(&server(none)).await.unwrap().is_zero());
        }
    }
}
