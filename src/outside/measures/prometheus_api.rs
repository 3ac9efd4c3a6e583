//! Asking a Prometheus: `/api/v1/query_range` of its HTTP API.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::outside::client::Request;

/// The most series that are read of an answer.
pub const MOST_SERIES: usize = 20;

/// What is asked for: an expression over a period, in seconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeQuestion {
    /// Address of the Prometheus.
    pub url: String,
    pub query: String,
    pub from: i64,
    pub to: i64,
    /// Seconds between two samples.
    pub step: i64,
    /// Sent as a bearer token, if there is one.
    pub token: Option<String>,
}

/// A series of an answer: milliseconds since 1970 and values.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeSeries {
    pub labels: BTreeMap<String, String>,
    pub samples: Vec<(i64, f64)>,
}

#[derive(Deserialize)]
struct RangeAnswer {
    status: String,
    #[serde(default)]
    error: String,
    data: Option<RangeData>,
}

#[derive(Deserialize)]
struct RangeData {
    #[serde(rename = "resultType")]
    kind: String,
    #[serde(default)]
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct MatrixSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    values: Vec<(f64, String)>,
}

/// The request of a question.
pub fn request(question: &RangeQuestion) -> Request {
    let pairs = [
        ("query", question.query.clone()),
        ("start", question.from.to_string()),
        ("end", question.to.to_string()),
        ("step", question.step.to_string()),
    ];
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    let token = question.token.iter().map(|token| ("Authorization".to_owned(), format!("Bearer {token}")));
    Request {
        method: "GET",
        url: format!("{}/api/v1/query_range?{query}", question.url.trim_end_matches('/')),
        headers: token.chain([("Accept".to_owned(), "application/json".to_owned())]).collect(),
        body: Vec::new(),
    }
}

/// Reads an answer. Values that are no numbers ("NaN") are gaps.
///
/// # Errors
/// A sentence that says why there are no samples.
pub fn read(status: u16, body: &[u8]) -> Result<Vec<RangeSeries>, String> {
    let Ok(answer) = serde_json::from_slice::<RangeAnswer>(body) else {
        return Err(match status {
            200 => "Prometheus answered what can't be read, or more than is read.".to_owned(),
            status => format!("Prometheus answered with status {status}."),
        });
    };
    if answer.status != "success" {
        let said: String = answer.error.chars().filter(|c| !c.is_control()).take(300).collect();
        return Err(format!("Prometheus refused the question: {said}"));
    }
    let data = answer.data.ok_or("Prometheus answered without data.")?;
    if data.kind != "matrix" {
        return Err(format!("Prometheus answered with a {} instead of a matrix.", data.kind));
    }
    let found: Vec<MatrixSeries> =
        serde_json::from_value(data.result).map_err(|_| "Prometheus answered what can't be read.".to_owned())?;
    if found.len() > MOST_SERIES {
        let many = found.len();
        return Err(format!(
            "The expression has {many} series; at most {MOST_SERIES} are kept. Sum them by fewer labels."
        ));
    }
    Ok(found.into_iter().map(series).collect())
}

fn series(found: MatrixSeries) -> RangeSeries {
    let sample = |(at, text): (f64, String)| {
        let value: f64 = text.parse().ok()?;
        value.is_finite().then(|| ((at * 1000.0).round() as i64, value))
    };
    RangeSeries { labels: found.metric, samples: found.values.into_iter().filter_map(sample).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_an_address() {
        let question = RangeQuestion {
            url: "http://prometheus.example:9090/".to_owned(),
            query: "sum(up)".to_owned(),
            from: 10,
            to: 70,
            step: 15,
            token: Some("t".to_owned()),
        };
        let request = request(&question);
        let is = "http://prometheus.example:9090/api/v1/query_range?query=sum%28up%29&start=10&end=70&step=15";
        assert_eq!(request.url, is);
        assert_eq!(request.headers[0], ("Authorization".to_owned(), "Bearer t".to_owned()));
    }

    #[test]
    fn an_answer_is_read_and_gaps_are_left_out() {
        let body = br#"{"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"job":"api"},"values":[[1735689600.5,"1.5"],[1735689615,"NaN"],[1735689630,"+Inf"],[1735689645,"2"]]}]}}"#;
        let labels = BTreeMap::from([("job".to_owned(), "api".to_owned())]);
        let samples = vec![(1_735_689_600_500, 1.5), (1_735_689_645_000, 2.0)];
        assert_eq!(read(200, body), Ok(vec![RangeSeries { labels, samples }]));
    }

    #[test]
    fn what_is_no_answer_is_said() {
        for (status, body, says) in [
            (400, r#"{"status":"error","errorType":"bad_data","error":"parse error"}"#, "parse error"),
            (502, "<html>", "status 502"),
            (200, "", "can't be read"),
            (200, r#"{"status":"success","data":{"resultType":"scalar","result":[]}}"#, "scalar"),
            (200, r#"{"status":"success"}"#, "without data"),
        ] {
            let refused = read(status, body.as_bytes()).unwrap_err();
            assert!(refused.contains(says), "{refused}");
        }
    }
}
